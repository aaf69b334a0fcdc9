let id: string | undefined;

/** Names this run of the runtime: a hibernated object finds the same name, one that comes back after a restart another. */
export function bootId(): string {
  id ??= crypto.randomUUID();
  return id;
}
