import { automation, sharing, workflows } from "@weft/drizzle";
import { hasPermission } from "@weft/shared/viewer";
import {
  enumField,
  type FilterField,
  filterInput,
  foldedWordsOf,
  idField,
  numberField,
  onlyWith,
  textField,
  timeField,
  wordsField,
} from "@weft/api/filters";
import { and, sql, type SQL } from "drizzle-orm";
import { registerEnumType } from "type-graphql";
import { RunStatus } from "./run.type.js";

const { runs, runSteps, runWords } = automation;
const { definitions, instances } = workflows;
const { definitionShareUses: uses } = sharing;

export enum StepPriority {
  LOW = "LOW",
  NORMAL = "NORMAL",
  HIGH = "HIGH",
}
registerEnumType(StepPriority, {
  name: "StepPriority",
  description: "Priorities of steps.",
  valuesConfig: {
    LOW: { description: "Before those of normal priority only if it has waited a minute longer." },
    NORMAL: { description: "The default." },
    HIGH: { description: "Before those of normal priority that have not waited a minute longer." },
  },
});

/** As stored. Part of the statement instead of a parameter, so that the index of the prioritized steps is used. */
const storedPriorities = { LOW: sql.raw("-1"), NORMAL: sql.raw("0"), HIGH: sql.raw("1") } as const;

/** Conditions on any row that belongs to a run. A negative condition holds if no row fulfills the positive one. */
const ofRows = (field: FilterField, isFulfilled: (by: SQL) => SQL, anyAtAll: SQL): FilterField => ({
  ...field,
  condition: (operator, operand, path, by) => {
    if (operator === "isNull") return operand === true ? sql`(not ${isFulfilled(anyAtAll)})` : isFulfilled(anyAtAll);
    if (operator === "ne") return sql`(not ${isFulfilled(field.condition("eq", operand, path, by))})`;
    return isFulfilled(field.condition(operator, operand, path, by));
  },
});

const withStep = (by: SQL): SQL =>
  sql`${runs.id} in (select ${runSteps.runId} from ${runSteps} where ${runSteps.tenantId} = app.tenant() and ${by})`;

const ofSteps = (field: FilterField, anyAtAll: SQL): FilterField => ofRows(field, withStep, anyAtAll);

/** Runs that other tenants have started, by conditions on these uses of shares. */
export const ofShares = (by: SQL): SQL =>
  sql`${runs.instanceId} in (select ${uses.instanceId} from ${uses} where ${uses.tenantId} = app.tenant() and ${uses.side} = 'OWNER' and ${uses.instanceId} is not null and ${by})`;

const shareId = ofRows(
  idField(
    "definitionShare",
    uses.shareId,
    "Share of the definition by which another tenant has started the run. `isNull: true`: no other tenant has.",
  ),
  ofShares,
  sql`true`,
);

const queue = ofSteps(
  textField(runSteps.queue, "Name of a queue in which a step of the run is, or was. `ne` and `isNull`: in which none is or was."),
  sql`${runSteps.queue} is not null`,
);

const priorityOf = enumField("StepPriority", StepPriority, runSteps.priority, "Priority of a step of the run. `ne`: which no step has.");
const priority = ofSteps(
  {
    ...priorityOf,
    condition: (operator, operand, path, by) => {
      // Checks the operand. The condition itself compares with the names.
      priorityOf.condition(operator, operand, path, by);
      const names = (Array.isArray(operand) ? operand : [operand]) as (keyof typeof storedPriorities)[];
      if (names.length === 0) return sql`false`;
      return sql`${runSteps.priority} in (${sql.join(
        names.map((name) => storedPriorities[name]),
        sql`, `,
      )})`;
    },
  },
  sql`true`,
);

/** A range of strings, because their comparisons are leakproof, so that the index can be used under row-level security. */
const startsWith = (word: string): SQL => sql`${runWords.word} >= ${word} and ${runWords.word} < ${word} || chr(1114111)`;

/** Words are kept up to this length. */
const MAX_WORD_CHARS = 60;

/**
 * A word of the run, or of its definition, starts with this. The runs of the definitions are not collected: a definition can have very many, and most of
 * them are found in the order of the list. The name of a definition is found only by those who can see it.
 */
const hasWord = (word: string, seesName: boolean): SQL => {
  const text = seesName ? sql`d.key || ' ' || d.name` : sql`d.key`;
  return sql`(${runs.id} in (select ${runWords.runId} from ${runWords}
      where ${runWords.tenantId} = app.tenant() and ${startsWith(Array.from(word).slice(0, MAX_WORD_CHARS).join(""))})
    or ${runs.definitionId} in (select d.id from ${definitions} d
      where d.tenant_id = app.tenant() and exists (select from app.words(${text}) as n(word) where starts_with(n.word, ${word}))))`;
};

const search = wordsField((words, by) => {
  const seesName = by !== undefined && hasPermission(by.viewer, "definition.read");
  return and(...foldedWordsOf(words.join(" ")).map((word) => hasWord(word, seesName))) ?? sql`false`;
}, "Text search in the key of the definition, in its name if you have the permission `definition.read`, in the inputs except the secret ones, and in the errors of failed runs, ignoring accents. Prefixes of words match. Of long inputs, the first 200 words are searched.");

export const RunFilter = filterInput("RunFilter", {
  search,
  status: enumField("RunStatus", RunStatus, runs.status),
  definitionKey: textField(instances.definitionKey),
  definitionId: onlyWith("definition.read", idField("definition", runs.definitionId)),
  instanceId: idField("instance", runs.instanceId),
  state: textField(runs.state),
  shareId: onlyWith("definitionShare.read", shareId),
  ownerId: idField("user", instances.ownerId, "Owner of the instance. That of an automation is the user who started or continued it."),
  failedStep: textField(runs.failedStep, "ID of the step whose failure has ended the run, with the index of the item in brackets."),
  queue,
  priority,
  costMicros: numberField(runs.costMicros, "Cost in millionths of a US dollar."),
  createdAt: timeField(runs.createdAt),
  startedAt: timeField(runs.beganAt, "Time when its first step was ready."),
  finishedAt: timeField(runs.finishedAt),
});
