/** The parts of Node's API that the Worker uses. All of @types/node would add timers and globals that workerd lacks. */
declare module "node:crypto" {
  interface Hash {
    update(text: string): Hash;
    digest(encoding: "hex"): string;
    digest(): Uint8Array;
  }
  export function createHash(algorithm: "sha256"): Hash;
  export function randomBytes(size: number): Uint8Array;
  export function timingSafeEqual(left: Uint8Array, right: Uint8Array): boolean;
  const module: {
    scrypt(
      password: string,
      salt: Uint8Array,
      keyBytes: number,
      options: { N: number; r: number; p: number; maxmem: number },
      callback: (error: Error | null, key: Uint8Array) => void,
    ): void;
  };
  export default module;
}

declare module "node:util" {
  export function isDeepStrictEqual(one: unknown, other: unknown): boolean;
}

declare module "node:buffer" {
  type Encoding = "base64" | "base64url" | "hex" | "latin1";
  export class Buffer extends Uint8Array<ArrayBuffer> {
    static from(text: string, encoding: Encoding): Buffer;
    static from(bytes: Uint8Array | number[]): Buffer;
    override toString(encoding?: Encoding): string;
  }
}
