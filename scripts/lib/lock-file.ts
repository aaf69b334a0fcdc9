import { z } from "zod";

const lockFile = z.object({
  packages: z.record(z.string(), z.object({ integrity: z.string().optional(), link: z.boolean().optional() })),
});

/** Packages that npm would install without comparing them with a digest. Those in folders of this repository have none. */
export function packagesWithoutIntegrity(lock: string): string[] {
  const { packages } = lockFile.parse(JSON.parse(lock));
  return Object.entries(packages)
    .filter(([path, entry]) => path.includes("node_modules/") && !entry.link && !entry.integrity)
    .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
}
