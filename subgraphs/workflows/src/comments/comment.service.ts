import {
  actorOf,
  answerQuestion as answer,
  askForInformation as ask,
  commentOnTask as comment,
  withdrawQuestion as withdraw,
} from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { changed } from "../tasks/task.service.js";
import { findVisible } from "../tasks/work/task-work.service.js";
import type { Task } from "../tasks/task.type.js";
import type { AnswerQuestionInput, AskForInformationInput, CommentOnTaskInput } from "./comment.input.js";

const bounds = { max: 10_000, hasLines: true } as const;

function assertText(text: string): void {
  const problems = textProblems("input.text", text, bounds);
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** Adds a comment for everyone who can see the task. */
export function commentOnTask(ctx: Context, { idempotencyKey: key, ...input }: CommentOnTaskInput): Promise<Task> {
  const id = decodeId("task", input.id, "input.id");
  const { text } = input;
  assertText(text);
  return changed(ctx, { id, mutation: "commentOnTask", permission: "task.claim", key, input }, (tx) =>
    comment(tx, ctx.meta, { id, text, actor: actorOf(ctx.viewer) }),
  );
}

/** Asks a user. The task waits for the answer. */
export function askForInformation(ctx: Context, { idempotencyKey: key, ...input }: AskForInformationInput): Promise<Task> {
  const id = decodeId("task", input.id, "input.id");
  const askedId = decodeId("user", input.askedId, "input.askedId");
  const { text, expectedVersion } = input;
  assertText(text);
  return changed(ctx, { id, mutation: "askForInformation", permission: "task.complete", key, input }, (tx) =>
    ask(tx, ctx.meta, { id, askedId, text, actor: actorOf(ctx.viewer), expectedVersion }),
  );
}

/** Answers the question, so the task no longer waits. Returns null if the asked user could see the task only because of the question. */
export function answerQuestion(ctx: Context, { idempotencyKey: key, ...input }: AnswerQuestionInput): Promise<Task | null> {
  const id = decodeId("task", input.id, "input.id");
  const { text, expectedVersion } = input;
  assertText(text);
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "answerQuestion", key, input }, async () => {
      await answer(tx, ctx.meta, { id, text, actor: actorOf(ctx.viewer), expectedVersion });
      return { id };
    });
    return findVisible(tx, ctx, id);
  });
}

/** Withdraws the question, so the task no longer waits. */
export function withdrawQuestion(ctx: Context, { idempotencyKey: key, ...input }: KeyedVersionedIdInput): Promise<Task> {
  const id = decodeId("task", input.id, "input.id");
  const { expectedVersion } = input;
  return changed(ctx, { id, mutation: "withdrawQuestion", permission: "task.complete", key, input }, (tx) =>
    withdraw(tx, ctx.meta, { id, actor: actorOf(ctx.viewer), expectedVersion }),
  );
}
