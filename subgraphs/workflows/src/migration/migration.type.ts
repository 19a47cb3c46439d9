import { DATA_CHANGE_KINDS, MIGRATION_PROBLEMS } from "@weft/engine";
import { Allow, DateTimeScalar, connectionOf, inherit, type Page } from "@weft/shared";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Definition } from "../definitions/definition.type.js";
import { WorkflowInstance } from "../instances/instance.type.js";

export const MigrationProblemCode = Object.fromEntries(MIGRATION_PROBLEMS.map((code) => [code, code])) as {
  readonly [Code in (typeof MIGRATION_PROBLEMS)[number]]: Code;
};
export type MigrationProblemCode = keyof typeof MigrationProblemCode;
registerEnumType(MigrationProblemCode, {
  name: "MigrationProblemCode",
  description: "Why an instance does not fit another version.",
  valuesConfig: {
    NO_STATE: { description: "The new version has no such state, and none is mapped to it." },
    FINAL_STATE: { description: "It would stand in a final state: a migration ends no instance." },
    FOUR_EYES: { description: "The mapping would bring it to where, of this instance, somebody else has to bring it." },
    WEAKER_RULES: {
      description:
        "Somebody who took part could go alone where the old version needs somebody else. Somebody who took no part can accept it (`acceptWeakerRules`).",
    },
    UNMAPPED_STEP: {
      description:
        "The new version does not know a step that was done and that `notSameAs` references. Map it (`steps`); otherwise as `WEAKER_RULES`.",
    },
    DATA: { description: "The data would not fit the new schema, or names people or times that there are not." },
    VOTES: { description: "People have voted, and the new version asks or counts otherwise; or nobody would be asked." },
    CHILDREN: { description: "The state has started other instances than the new version's state would." },
    AUTOMATIC: { description: "It could not go on by itself: it would stop with an incident." },
    ENDED: { description: "It has ended." },
  },
});

export const MigrationDataChangeKind = Object.fromEntries(DATA_CHANGE_KINDS.map((kind) => [kind, kind])) as {
  readonly [Kind in (typeof DATA_CHANGE_KINDS)[number]]: Kind;
};
export type MigrationDataChangeKind = keyof typeof MigrationDataChangeKind;
registerEnumType(MigrationDataChangeKind, {
  name: "MigrationDataChangeKind",
  description: "What becomes of a value in the data.",
  valuesConfig: {
    ADDED: { description: "It is new." },
    CHANGED: { description: "Another value takes its place." },
    MOVED: { description: "It stands elsewhere." },
    REMOVED: { description: "It is taken away." },
  },
});

export enum MigrationVerdict {
  FITS = "FITS",
  BREAKS = "BREAKS",
}
registerEnumType(MigrationVerdict, {
  name: "MigrationVerdict",
  description: "What a plan says of an instance.",
  valuesConfig: {
    FITS: { description: "It can go on by the new version." },
    BREAKS: { description: "It cannot; it stays as it is." },
  },
});

export enum MigrationTaskChange {
  GAINED = "GAINED",
  LOST = "LOST",
  CHANGED = "CHANGED",
}
registerEnumType(MigrationTaskChange, {
  name: "MigrationTaskChange",
  description: "What becomes of a task.",
  valuesConfig: {
    GAINED: { description: "It is opened." },
    LOST: { description: "It is closed, whoever has claimed it." },
    CHANGED: {
      description: "It stays, with whoever has claimed it; title, people, due time, priority or checklist are those of the new version.",
    },
  },
});

@ObjectType({ description: "One reason why an instance does not fit." })
@Allow(inherit)
export class MigrationProblem {
  @Field(() => MigrationProblemCode, { description: "What kind of reason." })
  code!: MigrationProblemCode;

  @Field(() => String, { description: "The reason, as a sentence." })
  message!: string;

  @Field(() => String, { nullable: true, description: "Where in the data." })
  path!: string | null;
}

@ObjectType({ description: "A task that a migration opens, closes or changes." })
@Allow(inherit)
export class MigrationTask {
  @Field(() => MigrationTaskChange, { description: "What becomes of it." })
  change!: MigrationTaskChange;

  @Field(() => String, { description: "Its title afterwards; of a lost one, its title." })
  title!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was due." })
  dueBefore!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it will be due." })
  dueAfter!: string | null;

  @Field(() => Boolean, { description: "Whether somebody has claimed it." })
  isClaimed!: boolean;
}

@ObjectType({ description: "A value in the data that a migration adds, changes, moves or takes away. A list is one value." })
@Allow(inherit)
export class MigrationDataChange {
  @Field(() => MigrationDataChangeKind, { description: "What becomes of it." })
  kind!: MigrationDataChangeKind;

  @Field(() => String, { description: "Where it stands, or stood: `data.site.door`." })
  path!: string;

  @Field(() => String, { nullable: true, description: "Of a moved one: where it will stand." })
  to!: string | null;

  @Field(() => Boolean, { description: "Whether the value that stands there now will stand nowhere in the data." })
  isLost!: boolean;
}

@ObjectType({ description: "What a migration would do to one instance." })
@Allow(inherit)
export class MigrationPlanEntry {
  @Field(() => WorkflowInstance, { nullable: true, description: "As it is now." })
  instance?: WorkflowInstance | null;

  @Field(() => Boolean, { description: "Whether it can go on by the new version." })
  canMigrate!: boolean;

  @Field(() => [MigrationProblem], { description: "Every reason why not; empty exactly when it fits." })
  problems!: MigrationProblem[];

  @Field(() => [String], {
    description: "The state that it comes to, and those to which it goes on by itself. Empty when it does not fit.",
  })
  path!: string[];

  @Field(() => [String], { description: "Properties of the data that change." })
  changed!: string[];

  @Field(() => Boolean, { description: "A warning: values of its data would be lost; `dataChanges` says which." })
  losesData!: boolean;

  @Field(() => [MigrationDataChange], {
    description:
      "What becomes of each value of the data that does not stay as it is, also by what the instance does by itself then; lost ones first, at most 100.",
  })
  dataChanges!: readonly MigrationDataChange[];

  @Field(() => [MigrationTask], { description: "Tasks that are opened, closed or changed; the others stay as they are." })
  tasks!: MigrationTask[];

  /** For the field resolver; no field. */
  readonly instanceId!: string;
}

export const { Connection: MigrationPlanEntryConnection } = connectionOf(MigrationPlanEntry);

@ObjectType({ description: "How many instances a reason holds back." })
@Allow(inherit)
export class MigrationProblemCount {
  @Field(() => MigrationProblemCode, { description: "The kind of reason." })
  code!: MigrationProblemCode;

  @Field(() => Int, { description: "How many instances it holds back." })
  count!: number;
}

@ObjectType({ description: "What moving the running instances of one version to another would do; nothing is written." })
@Allow(inherit)
export class MigrationPlan {
  @Field(() => Definition, { description: "The version that they run on." })
  from!: Definition;

  @Field(() => Definition, { description: "The version that they would go on by." })
  to!: Definition;

  @Field(() => Int, {
    description: "How many instances run on the old version, in environments in which the new one is; give it as `expectedTotal`.",
  })
  total!: number;

  @Field(() => Int, { description: "How many of them were looked at, from the oldest on." })
  examined!: number;

  @Field(() => Int, { description: "Of those that were looked at: how many fit." })
  fitting!: number;

  @Field(() => Int, { description: "Of those that were looked at: how many would break. They stay as they are." })
  breaking!: number;

  @Field(() => [MigrationProblemCount], { description: "Why, the most frequent reason first." })
  problems!: MigrationProblemCount[];

  @Field(() => Int, { description: "Of those that fit: how many would have other data than now." })
  changingData!: number;

  @Field(() => Int, { description: "A warning. Of those that fit: how many would lose values of their data." })
  losingData!: number;

  @Field(() => Int, { description: "Tasks that would be opened." })
  tasksGained!: number;

  @Field(() => Int, { description: "Tasks that would be closed." })
  tasksLost!: number;

  @Field(() => Int, { description: "Tasks that would be due at another time." })
  dueDatesChanged!: number;

  /** For the field resolver; no field. */
  readonly entries!: readonly MigrationPlanEntry[];
  readonly list!: string;
}

export type EntryPage = Page<MigrationPlanEntry>;
