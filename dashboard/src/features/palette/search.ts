import { fold } from "../../../../common/text.ts";
import type { Command } from "../../lib/commands.ts";

/** How well a title matches the typed text: higher is better, 0 is no match. It must contain every word. */
export function matchScore(title: string, typed: string): number {
  const text = fold(title);
  const words = fold(typed).split(/\s+/).filter(Boolean);
  let score = 1;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    const isAtWordStart = at === 0 || text[at - 1] === " ";
    score += (at === 0 ? 3 : isAtWordStart ? 2 : 0) + word.length / text.length;
  }
  return score;
}

/** Actions of the page first, then pages, then the rest. */
const GROUP_RANKS: Record<string, number> = { Pages: 1, General: 2 };

/** The commands that match the typed text, best first. */
export function findCommands(commands: readonly Command[], typed: string): Command[] {
  const offered = commands.filter((command) => !command.isHidden && (command.isEnabled?.() ?? true));
  return offered
    .map((command) => ({ command, score: matchScore(command.title, typed) }))
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score || rankOf(left.command) - rankOf(right.command))
    .map(({ command }) => command);
}

function rankOf({ group }: Command): number {
  return GROUP_RANKS[group] ?? 0;
}
