import type { Task } from "@weft/react";

/** Who asked the question that a task waits for. */
export const questionFields = "question { author { id name } }";

export interface QuestionOfTask {
  readonly question: (NonNullable<Task["question"]> & { readonly author: { readonly id: string; readonly name: string } | null }) | null;
}
