import type { FormController } from "@weft/react";
import { optionalDraft } from "./drafts";

export type Answers = FormController["answers"];

export const isAnswers = (kept: unknown): kept is Answers => typeof kept === "object" && kept !== null && !Array.isArray(kept);

/** The answers to a form, as far as the user has filled it in. Null: nothing was entered. */
export const answersDraft = optionalDraft<Answers>((kept) => (isAnswers(kept) ? kept : null));
