import { BadUserInput } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";

const maxMessage = 2000;
const maxTags = 20;
const maxTag = 40;

type Given = { readonly message?: string | null | undefined; readonly tags?: readonly string[] | null | undefined };

/**
 * Validates the labels of a definition and returns them as stored: tags in lower case, trimmed, without duplicates. Omitted labels stay omitted.
 * @throws BadUserInput
 */
export function readLabels({ message, tags }: Given): { message?: string; tags?: string[] } {
  const problems = [
    ...textProblems("input.message", message, { max: maxMessage, mayBeEmpty: true, hasLines: true }),
    ...(tags ?? []).slice(0, maxTags + 1).flatMap((tag, index) => textProblems(`input.tags.${index}`, tag, { max: maxTag })),
    ...((tags?.length ?? 0) > maxTags
      ? [{ path: "input.tags", message: `${tags?.length} tags were passed; the maximum is ${maxTags}.` }]
      : []),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return { ...(typeof message === "string" && { message }), ...(tags && { tags: [...new Set(tags.map(toTag))] }) };
}

/** Returns a tag as stored. */
export const toTag = (tag: string): string => tag.trim().toLowerCase();
