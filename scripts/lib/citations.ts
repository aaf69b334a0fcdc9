import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { projectPath } from "./project.ts";

const FOLDERS = ["common", "dashboard", "docs", "migrations", "scripts", "test", "worker"];
const TEXTS = /\.(ts|tsx|mjs|md|css|html|json|sql|toml|sh)$/;
const SKIPPED = /(^|\/)(node_modules|dist|meta)\//;

/** A document, an issue or a place that a reader of the repository does not have. */
const ELSEWHERE = /\bDESIGN(\.md)?\b|\u00a7 ?\d|\b[Ii]ssues? #?\d+\b|\.\.\/shared\/|(^|[\s"'`(])\/work\//;
/** A heading of a document, as comments, messages and links of Markdown name it. */
const ANCHOR = /((?:[\w.-]+\/)*[\w-]+\.md)#([\p{L}\p{N}\p{M}_-]+)/gu;
const LINK = /\]\(([^()\s]+)\)/g;

/** All texts of the repository, by their paths from its top. */
export function textsOfRepository(): string[] {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(projectPath(folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(projectPath(), join(entry.parentPath, entry.name)).replaceAll("\\", "/")),
  );
  const atTop = readdirSync(projectPath()).filter((name) => name !== "package-lock.json");
  return [...inFolders, ...atTop].filter((path) => TEXTS.test(path) && !SKIPPED.test(path));
}

/** Each place that cites something outside the repository, or a file or heading that does not exist. */
export function wrongCitations(path: string, text: string): string[] {
  const lines = path.endsWith(".md") ? text.replace(/^ *```[\s\S]*?^ *```/gm, blankLines) : text;
  return lines.split("\n").flatMap((line, index) => {
    const wrong = [...linesOutside(line), ...missingTargets(path, line)];
    return wrong.map((what) => `${path}:${index + 1}: ${what}`);
  });
}

function linesOutside(line: string): string[] {
  return ELSEWHERE.test(line) ? [`cites something that is not in the repository: ${line.trim()}`] : [];
}

function missingTargets(path: string, line: string): string[] {
  const isMarkdown = path.endsWith(".md");
  const named = isMarkdown
    ? [...line.matchAll(LINK)].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target))
    : [...line.matchAll(ANCHOR)].map(([target]) => target);
  return named.filter((target) => !exists(path, target, isMarkdown)).map((target) => `${target} does not exist`);
}

/** In Markdown a link starts at its own file; in a comment a document is named from the top, or alone when it is in docs/. */
function exists(path: string, target: string, isMarkdown: boolean): boolean {
  const [file = "", anchor] = target.split("#");
  const places = isMarkdown ? [file === "" ? path : join(dirname(path), file)] : [file, join("docs", file)];
  const found = places.map((place) => projectPath(place)).find((place) => existsSync(place));
  if (found === undefined) return false;
  return anchor === undefined || anchorsOf(readFileSync(found, "utf8")).has(anchor);
}

/** The names by which GitHub links the headings of a document. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of markdown.replace(/^ *```[\s\S]*?^ *```/gm, "").matchAll(/^#{1,6} +(.+)$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Keeps the numbers of the lines that follow. */
function blankLines(block: string): string {
  return block.replace(/[^\n]/g, "");
}
