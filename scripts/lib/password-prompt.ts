import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** Asks twice without showing what is typed, or reads the first line of a pipe. */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return await firstLine();
  const password = await ask("Password: ");
  if ((await ask("Once more: ")) !== password) throw new Error("The two passwords differ.");
  return password;
}

/** Asks once without showing what is typed, or reads the first line of a pipe. */
export async function readSecret(question: string): Promise<string> {
  return (process.stdin.isTTY ? await ask(question) : await firstLine()).trim();
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return "";
}

function ask(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stdout.write(question);
  return new Promise((resolve, reject) => {
    lines.on("SIGINT", () => {
      lines.close();
      reject(new Error("Stopped."));
    });
    lines.question("", (answer) => {
      process.stdout.write("\n");
      lines.close();
      resolve(answer);
    });
  });
}
