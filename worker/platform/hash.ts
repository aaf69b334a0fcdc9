/** A short digest (FNV-1a, 64 bits) for names of things. It can be forged, so never use it for secrets. */
export function shortHash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (const char of text) {
    value = BigInt.asUintN(64, (value ^ BigInt(char.codePointAt(0) ?? 0)) * 0x100000001b3n);
  }
  return value.toString(36);
}
