import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { errorCode } from "./project.ts";

export function portFrom(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`"${text}" is not a port number: they go from 1 to 65535.`);
  }
  return port;
}

/** The port of an address. */
export function portOf(url: string): number {
  return portFrom(new URL(url).port || "80");
}

/** A loopback port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The address of a controller that a person named, without a slash at its end. */
export function addressFrom(text: string): string {
  if (!/^https?:\/\/./.test(text) || !URL.canParse(text))
    throw new Error(`"${text}" is not an address like https://controller.example.com or http://127.0.0.1:8787.`);
  return text.replace(/\/+$/, "");
}

/** Throws a sentence that says what to do when `port` cannot be listened on. */
export async function assertPortFree(port: number, purpose: string, alternative: string): Promise<void> {
  const failure = await new Promise<unknown>((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(errorCode(error)));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(undefined)));
  });
  if (failure === undefined) return;
  const what =
    failure === "EADDRINUSE" ? "is in use. Stop what listens there" : `cannot be used (${failure}). Allow it`;
  throw new Error(`Port ${port} for ${purpose} ${what}, or take another one: ${alternative}`);
}
