/**
 * Rules of notifications: compiles the condition, the texts and the recipients of a rule against the schema of an event, and evaluates them for one.
 * They read the event and its payload, and nothing else.
 * This module never decides who can see an event.
 */
import { checkOperand } from "../conditions/check.js";
import { evaluateCondition, evaluateOperand, type ConditionResult } from "../conditions/evaluate.js";
import type { Scope } from "../conditions/value-types.js";
import type { Condition, Operand } from "../model/condition.js";
import type { Template } from "../model/machine.js";
import { problemList, type Problem, type ProblemList } from "../model/problems.js";
import { parseTemplate, renderTemplate } from "../tasks/templates.js";
import { readCondition, readExpression, readsEvent, scopeOfEvent, type TriggerContext, type TriggeringEvent } from "./trigger.js";

/** The texts of a rule as written. */
export type NoticeRuleSource = {
  /** CEL; empty: always. */
  readonly condition: string;
  /** Templates with paths of the event: `Building {{ payload.code }}`. */
  readonly title: string;
  readonly body: string;
  /** Expressions that give IDs, with the paths of their problems. */
  readonly recipients: readonly { readonly path: readonly (string | number)[]; readonly expression: string }[];
};

export type CompiledNoticeRule = {
  readonly condition: Condition | null;
  readonly title: Template;
  readonly body: Template;
  readonly recipients: readonly Operand[];
};

const MAX_BODY_CHARS = 1_000;
const MAX_IDS = 1_000;

/** Characters that change the direction of the text after them. */
const directionMarks = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** Compiles the texts. Paths of problems begin with the name of the text: `condition`, `title`. */
export function compileNoticeRule(
  source: NoticeRuleSource,
  schemas: Pick<TriggerContext, "event" | "payload">,
): { readonly rule: CompiledNoticeRule; readonly problems: readonly Problem[] } {
  const problems = problemList();
  const scope = scopeOfEvent(problems, schemas);
  const rule = {
    condition: readCondition(problems, source.condition, scope),
    title: readTemplate(problems, source.title, "title", scope),
    body: readTemplate(problems, source.body, "body", scope),
    recipients: source.recipients.flatMap(({ path, expression }) => readExpression(problems, expression, path, scope) ?? []),
  };
  return { rule, problems: problems.problems };
}

/** Returns whether the rule applies to the event and, if it does not, which parts of the condition failed. */
export const evaluateNoticeRule = ({ condition }: CompiledNoticeRule, event: TriggeringEvent): ConditionResult =>
  condition ? evaluateCondition(condition, event) : { holds: true };

/** Renders the texts of a rule: each is one line without control characters and direction marks. */
export function renderNoticeRule(
  { title, body }: CompiledNoticeRule,
  event: TriggeringEvent,
): { readonly title: string; readonly body: string } {
  const line = (text: string): string => text.replace(directionMarks, "").trim();
  return { title: line(renderTemplate(title, event)), body: line(renderTemplate(body, event, MAX_BODY_CHARS)) };
}

/** Returns the texts that the recipients' expressions give, as they are. Other values are omitted. */
export function recipientValues({ recipients }: CompiledNoticeRule, event: TriggeringEvent): string[] {
  return recipients.flatMap((operand) => {
    const value = evaluateOperand(operand, event);
    const list: readonly unknown[] = Array.isArray(value) ? value.slice(0, MAX_IDS) : [value];
    return list.filter((one) => typeof one === "string");
  });
}

function readTemplate(problems: ProblemList, source: string, name: string, scope: Scope): Template {
  const { template, problems: found } = parseTemplate(source);
  for (const message of found) problems.add([name], "BAD_TEMPLATE", message);
  for (const part of template.parts) {
    if (typeof part === "string" || !readsEvent(problems, [name], [part.path])) continue;
    for (const { code, message } of checkOperand(part, scope)) problems.add([name], code, message);
  }
  return template;
}
