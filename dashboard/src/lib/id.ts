/** Whether this is a valid ID of an organization or orchestrator, by the controller's rule. */
export function isId(text: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/.test(text);
}
