import { BadUserInput, type Problem } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";

interface Given {
  readonly title?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly acceptanceCriteria?: readonly string[] | null | undefined;
}

const maxItems = 500;
const maxCriteria = 50;

/** Returns what is wrong with the given values of a scope item. */
export function scopeItemProblems(path: string, { title, description, acceptanceCriteria }: Given): Problem[] {
  const criteria = acceptanceCriteria ?? [];
  return [
    ...textProblems(`${path}.title`, title, { max: 200 }),
    ...textProblems(`${path}.description`, description, { max: 4000, mayBeEmpty: true, hasLines: true }),
    ...criteria.flatMap((text, index) => textProblems(`${path}.acceptanceCriteria.${index}`, text, { max: 500 })),
    ...(criteria.length > maxCriteria
      ? [{ path: `${path}.acceptanceCriteria`, message: `An item has at most ${maxCriteria} acceptance criteria, not ${criteria.length}.` }]
      : []),
  ];
}

/** @throws BadUserInput if a project would have too many items */
export function assertRoomForItems(count: number, path: string): void {
  if (count <= maxItems) return;
  throw new BadUserInput([{ path, message: `The scope of a project has at most ${maxItems} items, not ${count}.` }]);
}
