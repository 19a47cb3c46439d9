import { DATA_CHANGE_KINDS, MIGRATION_PROBLEMS } from "@weft/engine";
import { connectionOf, type Page } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Definition } from "../definitions/definition.type.js";
import { WorkflowInstance } from "../instances/instance.type.js";

export const MigrationProblemCode = Object.fromEntries(MIGRATION_PROBLEMS.map((code) => [code, code])) as {
  readonly [Code in (typeof MIGRATION_PROBLEMS)[number]]: Code;
};
export type MigrationProblemCode = keyof typeof MigrationProblemCode;
registerEnumType(MigrationProblemCode, {
  name: "MigrationProblemCode",
  description: "Reasons why an instance is incompatible with another version.",
  valuesConfig: {
    NO_STATE: { description: "The new version does not have the state, and no state is mapped to it." },
    FINAL_STATE: { description: "The instance would be in a final state. A migration does not end instances." },
    FOUR_EYES: {
      description: "The mapping would bring the instance to a state to which, for this instance, a different person must bring it.",
    },
    WEAKER_RULES: {
      description:
        "A participant could act alone where the old version requires a different person. A user who did not take part can accept this (`acceptWeakerRules`).",
    },
    UNMAPPED_STEP: {
      description:
        "The new version does not have a completed step that `notSameAs` references. Map it (`steps`); otherwise treated like `WEAKER_RULES`.",
    },
    DATA: { description: "The data would violate the new schema, or contains people or times that do not exist." },
    VOTES: { description: "Votes were cast, but the new version has different voting rules; or nobody could vote." },
    CHILDREN: { description: "The state has started other child instances than the new version's state would." },
    AUTOMATIC: { description: "The instance could not continue automatically: it would be stopped by an incident." },
    ENDED: { description: "The instance has ended." },
  },
});

export const MigrationDataChangeKind = Object.fromEntries(DATA_CHANGE_KINDS.map((kind) => [kind, kind])) as {
  readonly [Kind in (typeof DATA_CHANGE_KINDS)[number]]: Kind;
};
export type MigrationDataChangeKind = keyof typeof MigrationDataChangeKind;
registerEnumType(MigrationDataChangeKind, {
  name: "MigrationDataChangeKind",
  description: "Kinds of changes of a value in the data.",
  valuesConfig: {
    ADDED: { description: "The value is added." },
    CHANGED: { description: "The value is replaced." },
    MOVED: { description: "The value is moved to another path." },
    REMOVED: { description: "The value is removed." },
  },
});

export enum MigrationCompatibility {
  COMPATIBLE = "COMPATIBLE",
  INCOMPATIBLE = "INCOMPATIBLE",
}
registerEnumType(MigrationCompatibility, {
  name: "MigrationCompatibility",
  description: "Whether an instance can be migrated.",
  valuesConfig: {
    COMPATIBLE: { description: "The instance can be migrated." },
    INCOMPATIBLE: { description: "The instance cannot be migrated and is not changed." },
  },
});

export enum MigrationTaskChange {
  OPENED = "OPENED",
  CLOSED = "CLOSED",
  CHANGED = "CHANGED",
}
registerEnumType(MigrationTaskChange, {
  name: "MigrationTaskChange",
  description: "Kinds of changes of a task.",
  valuesConfig: {
    OPENED: { description: "The task is opened." },
    CLOSED: { description: "The task is closed, even if somebody has claimed it." },
    CHANGED: {
      description:
        "The task remains, with its claim. Its title, candidates, due time, priority or checklist are taken from the new version.",
    },
  },
});

@ObjectType({ description: "A reason why an instance is incompatible." })
@Allow(inherit)
export class MigrationProblem {
  @Field(() => MigrationProblemCode, { description: "Kind of reason." })
  code!: MigrationProblemCode;

  @Field(() => String, { description: "The reason, as a sentence." })
  message!: string;

  @Field(() => String, { nullable: true, description: "Path in the data." })
  path!: string | null;
}

@ObjectType({ description: "A task that a migration opens, closes or changes." })
@Allow(inherit)
export class MigrationTask {
  @Field(() => MigrationTaskChange, { description: "Kind of change." })
  change!: MigrationTaskChange;

  @Field(() => String, { description: "Title after the migration. For a closed task, its current title." })
  title!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Due time before the migration." })
  dueBefore!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Due time after the migration." })
  dueAfter!: string | null;

  @Field(() => Boolean, { description: "Whether somebody has claimed it." })
  isClaimed!: boolean;
}

@ObjectType({ description: "A value in the data that a migration adds, changes, moves or removes. A list is one value." })
@Allow(inherit)
export class MigrationDataChange {
  @Field(() => MigrationDataChangeKind, { description: "Kind of change." })
  kind!: MigrationDataChangeKind;

  @Field(() => String, { description: "Path of the value: `data.site.door`." })
  path!: string;

  @Field(() => String, { nullable: true, description: "For a moved value: the new path." })
  to!: string | null;

  @Field(() => Boolean, { description: "Whether the current value is lost: it is at no path in the data after the migration." })
  isLost!: boolean;
}

@ObjectType({ description: "Preview of the migration of one instance." })
@Allow(inherit)
export class MigrationPlanEntry {
  @Field(() => WorkflowInstance, { nullable: true, description: "Current state." })
  instance?: WorkflowInstance | null;

  @Field(() => Boolean, { description: "Whether the instance can be migrated." })
  canMigrate!: boolean;

  @Field(() => [MigrationProblem], { description: "All reasons why the instance is incompatible. Empty if it is compatible." })
  problems!: MigrationProblem[];

  @Field(() => [String], {
    description:
      "The state after the migration, followed by the states that it reaches automatically. Empty if the instance is incompatible.",
  })
  path!: string[];

  @Field(() => [String], { description: "Properties of the data that change." })
  changed!: string[];

  @Field(() => Boolean, { description: "Warning: whether values of the data would be lost. See `dataChanges`." })
  losesData!: boolean;

  @Field(() => [MigrationDataChange], {
    description:
      "Changed values of the data, including changes by automatic transitions after the migration. Lost values first, at most 100.",
  })
  dataChanges!: readonly MigrationDataChange[];

  @Field(() => [MigrationTask], { description: "Tasks that are opened, closed or changed. Other tasks are not listed." })
  tasks!: MigrationTask[];

  /** For the field resolver; not a field. */
  readonly instanceId!: string;
}

export const { Connection: MigrationPlanEntryConnection } = connectionOf(MigrationPlanEntry);

@ObjectType({ description: "Number of instances with a reason for incompatibility." })
@Allow(inherit)
export class MigrationProblemCount {
  @Field(() => MigrationProblemCode, { description: "Kind of reason." })
  code!: MigrationProblemCode;

  @Field(() => Int, { description: "Number of instances with this reason." })
  count!: number;
}

@ObjectType({ description: "Preview of migrating the running instances of one version to another. Nothing is written." })
@Allow(inherit)
export class MigrationPlan {
  @Field(() => Definition, { description: "Version that the instances run on." })
  from!: Definition;

  @Field(() => Definition, { description: "Version to migrate to." })
  to!: Definition;

  @Field(() => Int, {
    description: "Number of running instances of the old version, in environments that use the new version. Pass it as `expectedTotal`.",
  })
  total!: number;

  @Field(() => Int, { description: "Number of instances examined, starting with the oldest." })
  examined!: number;

  @Field(() => Int, { description: "Number of examined instances that are compatible." })
  compatible!: number;

  @Field(() => Int, { description: "Number of examined instances that are incompatible. They are not changed." })
  incompatible!: number;

  @Field(() => [MigrationProblemCount], { description: "Reasons, most frequent first." })
  problems!: MigrationProblemCount[];

  @Field(() => Int, { description: "Number of compatible instances whose data would change." })
  changingData!: number;

  @Field(() => Int, { description: "Warning: number of compatible instances that would lose values of their data." })
  losingData!: number;

  @Field(() => Int, { description: "Number of tasks that would be opened." })
  tasksOpened!: number;

  @Field(() => Int, { description: "Number of tasks that would be closed." })
  tasksClosed!: number;

  @Field(() => Int, { description: "Number of tasks whose due time would change." })
  dueDatesChanged!: number;

  /** For the field resolver; not a field. */
  readonly entries!: readonly MigrationPlanEntry[];
  readonly list!: string;
}

export type EntryPage = Page<MigrationPlanEntry>;
