import type { Operand } from "../model/condition.js";

/** What users call the values that a condition reads, for messages that they read. */
export type Labels = {
  /** Null: the path itself is shown. */
  readonly of: (path: readonly string[]) => string | null;
  /** A value of the path, as users know it. Null: the value itself is shown. */
  readonly shown: (path: readonly string[], value: unknown) => string | null;
  /** An item of the list, by its position from 0. */
  readonly item: (list: string, index: number) => string;
  /** Labels that also know the items of the list, which the condition names `as`. */
  readonly inItems: (each: Operand, as: string) => Labels;
};

/** Shows paths and values as the condition has them, for the authors of definitions. */
export const NO_LABELS: Labels = {
  of: () => null,
  shown: () => null,
  item: (list, index) => `${list}[${index}]`,
  inItems: () => NO_LABELS,
};
