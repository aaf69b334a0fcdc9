/** Whether an organization or an orchestrator can have this id, as the controller checks it. */
export function isId(text: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/.test(text);
}
