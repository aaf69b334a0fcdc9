/**
 * What one call of the database driver sends: statements and their values. Objects write to Postgres at times of their
 * own, through the same `fetch`: a test that counts or holds up statements has to say which.
 */
export function statementOf([, init]: Parameters<typeof fetch>): string {
  return String(init?.body);
}
