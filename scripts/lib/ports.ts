import { createServer } from "node:net";

export function portFrom(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`"${text}" is not a port number.`);
  return port;
}

/** Throws a sentence that says what to do when somebody listens on `port` already. */
export async function assertPortFree(port: number, purpose: string, alternative: string): Promise<void> {
  const isFree = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
  if (!isFree) {
    throw new Error(
      `Port ${port} for ${purpose} is in use. Stop what listens there, or take another one: ${alternative}`,
    );
  }
}
