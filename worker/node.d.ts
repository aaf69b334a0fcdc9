/** The parts of Node's API that the Worker uses; the whole of @types/node would bring timers and globals that workerd lacks. */
declare module "node:crypto" {
  interface Hash {
    update(text: string): Hash;
    digest(encoding: "hex"): string;
  }
  export function createHash(algorithm: "sha256"): Hash;
}
