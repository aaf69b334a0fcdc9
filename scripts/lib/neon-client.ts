import { type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";

const endpoints = new Map<string, string>();
const remote = neonConfig.fetchEndpoint;

// The driver knows one endpoint for the whole process; a process may speak to several databases.
neonConfig.fetchEndpoint = (host, port, options) =>
  endpoints.get(`${host}:${port}`) ?? (typeof remote === "function" ? remote(host, port, options) : remote);

/** A client for `url` that calls the local endpoint when there is one, and Neon's own address otherwise. */
export function neonClient(url: string, endpoint?: string): NeonQueryFunction<false, false> {
  const { hostname, port } = new URL(url);
  if (endpoint !== undefined) endpoints.set(`${hostname}:${port}`, endpoint);
  return neon(url);
}
