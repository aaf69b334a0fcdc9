/** The Durable Object that knows sessions, API tokens and failed logins. */
export function authOf(env: Env) {
  return env.AUTH.getByName("auth");
}
