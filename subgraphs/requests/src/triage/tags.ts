import { BadUserInput, type Problem } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";

const maxTags = 20;

/**
 * Returns the tags in lower case, each once, in the given order.
 * @throws BadUserInput
 */
export function readTags(given: readonly string[], path: string): string[] {
  const tags = [...new Set(given.map((tag) => tag.trim().toLowerCase()))];
  const problems: Problem[] = tags.flatMap((tag, at) => textProblems(`${path}.${at}`, tag, { max: 50 }));
  if (tags.length > maxTags) problems.push({ path, message: `A request can have at most ${maxTags} tags, not ${tags.length}.` });
  if (problems.length > 0) throw new BadUserInput(problems);
  return tags;
}
