import { readFileSync } from "node:fs";
import { join } from "node:path";

const FILE = join(import.meta.dirname, "../data/demo-script-commands.sh");
const HOST = "http://controller.example.com";

export interface CurlLine {
  method: string;
  url: string;
  headers: [string, string][];
  body: string | undefined;
}

interface Section {
  title: string;
  text: string;
}

/** The commands of the demo script as it is written, by the title of their part. */
const sections: Section[] = readFileSync(FILE, "utf8")
  .split(/^(?=# (?:Part|Quick))/m)
  .map((text) => ({ title: text.slice(2, text.indexOf("\n")), text: text.slice(text.indexOf("\n") + 1) }));

function textsOf(part: string): string[] {
  const texts = sections.filter(({ title }) => title.startsWith(part)).map(({ text }) => text);
  if (texts.length === 0) throw new Error(`the demo script has no commands in ${part}`);
  return texts;
}

/** The curl commands of a part, in order, with only the host replaced. */
export function curlLines(part: string, host: string): CurlLine[] {
  return textsOf(part)
    .flatMap((text) => text.split(/^(?=curl )/m))
    .filter((text) => text.startsWith("curl "))
    .map((text) => parseCurl(text.replaceAll(HOST, host)));
}

/** The statements that a part gives to psql, in order. */
export function sqlLines(part: string): string[] {
  return textsOf(part).flatMap((text) =>
    [...text.matchAll(/ -c '(.*)'"$/gm)].map(([, sql = ""]) => sql.replaceAll(String.raw`'\''`, "'")),
  );
}

function parseCurl(command: string): CurlLine {
  const line: CurlLine = { method: "GET", url: "", headers: [], body: undefined };
  const words = shellWords(command);
  for (let word = words.shift(); word !== undefined && word !== "|"; word = words.shift()) {
    if (word === "curl") continue;
    if (word === "-X") line.method = words.shift() ?? "";
    else if (word === "-d") line.body = words.shift();
    else if (word === "-H") {
      const [name = "", ...value] = (words.shift() ?? "").split(": ");
      line.headers.push([name, value.join(": ")]);
    } else if (line.url === "" && word.startsWith("http")) line.url = word;
    else throw new Error(`not understood in a curl line: ${word}`);
  }
  return line;
}

/** Words as a shell splits them: quotes, and a backslash at the end of a line. Ends at the first comment. */
function shellWords(command: string): string[] {
  const text = command.replaceAll("\\\n", " ").replace(/^#.*$/gm, "");
  return [...text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? "",
  );
}
