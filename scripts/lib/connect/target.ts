import { ID_PATTERN } from "../../../worker/contract/values/ids.ts";

/** Where to connect, and how the orchestrator proves there who it is. */
export interface Target {
  url: string;
  headers: Record<string, string>;
}

/**
 * The address of a person, `http…` or `ws…`, with or without the path and with or without `ID:TOKEN@`. A token beside it
 * wins. The token goes into a header and not into the address, which logs keep.
 */
export function targetFrom(address: string, token: string | undefined): Target {
  const problem = `"${withoutSecret(address)}" is not an address like wss://controller.example.com/ws or ws://127.0.0.1:8787/ws.`;
  if (!/^(ws|http)s?:\/\/./.test(address) || !URL.canParse(address)) throw new Error(problem);
  const url = new URL(address.replace(/^http/, "ws"));
  const secret = token || decodeURIComponent(url.password);
  url.username = "";
  url.password = "";
  url.hash = "";
  if (url.pathname === "/") url.pathname = "/ws";
  return { url: url.href, headers: secret === "" ? {} : { Authorization: `Bearer ${secret}` } };
}

function withoutSecret(address: string): string {
  return address.replace(/\/\/[^@/]*@/, "//…@");
}

/** The id of the command line, or the one that the address names. */
export function idFrom(words: string[], address: string): string {
  const [given, ...others] = words;
  if (others.length > 0) throw new Error(`Only one id can be connected at a time, not ${words.length}.`);
  const named = URL.canParse(address) ? decodeURIComponent(new URL(address).username) : "";
  const id = given ?? named;
  if (id === "") throw new Error("Name the orchestrator: npm run connect -- org-002");
  if (!ID_PATTERN.test(id)) {
    throw new Error(
      `"${id}" is not an orchestrator id: letters, digits, ".", "_" and "-", at most 64 characters, beginning and ending with a letter or digit.`,
    );
  }
  return id;
}
