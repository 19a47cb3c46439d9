import { printType } from "graphql";
import "reflect-metadata";
import { buildSchemaSync, Arg, createUnionType, Mutation, ObjectType, Query, Resolver, Int } from "type-graphql";
import { expect, expectTypeOf, test } from "vitest";
import { type EntityStub, entityStub } from "../subgraph/entity-stub.js";
import * as column from "./column.js";
import { columns, createInputOf, shapeOf, ShowColumns, updateInputOf } from "./columns.js";
import * as standardColumns from "./standard-columns.js";

const floorColumns = columns({
  ...standardColumns.id("ID (`flr_…`).", "The floor."),
  ...standardColumns.expectedVersion,
  name: column.text("Name.", { max: 10, updated: "New name." }),
  note: column.text("Note.", { max: 20, initial: "", shown: "Note. Can be empty." }),
  level: column.int("Level.", { nullable: true, converted: true }),
  ownerId: column.id("Owner.", { shown: false, optional: true }),
  tags: column.texts("Tags.", { shownNullable: "items", created: false, updated: false }),
});

@ShowColumns(floorColumns)
@ObjectType({ description: "A floor." })
class Floor extends shapeOf(floorColumns) {
  uuid!: string;
}

const CreateFloorInput = createInputOf("CreateFloorInput", floorColumns);
type CreateFloorInput = InstanceType<typeof CreateFloorInput>;
const UpdateFloorInput = updateInputOf("UpdateFloorInput", floorColumns);
type UpdateFloorInput = InstanceType<typeof UpdateFloorInput>;

@Resolver()
class FloorResolver {
  @Query(() => Floor)
  floor(): Floor {
    return new Floor();
  }

  @Mutation(() => Floor)
  createFloor(@Arg("input", () => CreateFloorInput) _input: CreateFloorInput): Floor {
    return new Floor();
  }

  @Mutation(() => Floor)
  updateFloor(@Arg("input", () => UpdateFloorInput) _input: UpdateFloorInput): Floor {
    return new Floor();
  }
}

const schema = buildSchemaSync({
  resolvers: [FloorResolver],
  validate: false,
  pubSub: { publish: () => undefined, subscribe: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error()) }) }) },
});

function printed(name: string): string {
  const type = schema.getType(name);
  if (!type) throw new Error(`no ${name}`);
  return printType(type);
}

test("object type and inputs have the declared columns in their order, each with its own description", () => {
  expect(printed("Floor")).toBe(`"""A floor."""
type Floor {
  """ID (\`flr_…\`)."""
  id: ID!

  """Name."""
  name: String!

  """Note. Can be empty."""
  note: String!

  """Level."""
  level: Int

  """Tags."""
  tags: [String]!
}`);
  expect(printed("CreateFloorInput")).toBe(`"""Input of \`createFloor\`."""
input CreateFloorInput {
  """Name (1 to 10 characters)."""
  name: String!

  """Note (at most 20 characters)."""
  note: String! = ""

  """Level."""
  level: Int

  """Owner."""
  ownerId: ID
}`);
  expect(printed("UpdateFloorInput")).toBe(`"""Input of \`updateFloor\`. Omitted fields keep their values."""
input UpdateFloorInput {
  """The floor."""
  id: ID!

  """
  Version that you last read. The call fails with \`CONFLICT\` if the current version differs.
  """
  expectedVersion: Int

  """New name."""
  name: String

  """Note (at most 20 characters)."""
  note: String

  """Level."""
  level: Int

  """Owner."""
  ownerId: ID
}`);
});

test("members have the types that follow from the declaration", () => {
  expectTypeOf<Floor>().toExtend<{ id: string; name: string; note: string; level: number | null; tags: string[]; uuid: string }>();
  expectTypeOf<Floor>().not.toExtend<{ ownerId: unknown }>();
  expectTypeOf<CreateFloorInput>().toExtend<{ name: string; note: string; level?: number | null; ownerId?: string | null }>();
  expectTypeOf<UpdateFloorInput>().toExtend<{ id: string; expectedVersion?: number | null; name?: string | null; level?: number | null }>();
  expectTypeOf<ReturnType<typeof floorColumns.changes>>().toExtend<{
    name?: string;
    note?: string;
    level?: number | null;
    ownerId?: string;
  }>();
});

test("the value of a union of stubs is a stub", () => {
  const Keeper = createUnionType({ name: "Keeper", types: () => [entityStub("User"), entityStub("Team")] as const });
  const keeper = column.of(() => Keeper, "Keeper.");
  expectTypeOf<Parameters<NonNullable<typeof keeper.types>>[0]>().toEqualTypeOf<EntityStub>();
});

test("changes are the given columns; null clears those that can be null, and counts as absent for others", () => {
  expect(floorColumns.changes({ id: "flr_1", expectedVersion: 1, name: null, note: "", level: null })).toEqual({ note: "", level: null });
  expect(() => floorColumns.changes({ id: "flr_1", expectedVersion: 1 })).toThrow(
    expect.objectContaining({
      extensions: expect.objectContaining({
        problems: [{ path: "input", message: "Nothing to change. Provide at least one of name, note, level, ownerId." }],
      }) as unknown,
    }),
  );
});

test("null clears those columns of converted fields that can be null, and the refusal names all columns", () => {
  const cellarColumns = columns({
    ...standardColumns.idempotencyKey,
    name: column.text("Name."),
    depth: column.int("Depth.", { nullable: true }),
  });
  expect(cellarColumns.given({ name: null, depth: null, places: 3 })).toEqual({ depth: null, places: 3 });
  expect(() => cellarColumns.given({ name: null })).toThrow(
    expect.objectContaining({
      extensions: expect.objectContaining({
        problems: [{ path: "input", message: "Nothing to change. Provide at least one of name, depth." }],
      }) as unknown,
    }),
  );
});

test("texts are checked by their bounds; a text with an empty initial value can be empty", () => {
  expect(() => floorColumns.assertText({ name: "Ground", note: "" })).not.toThrow();
  expect(() => floorColumns.assertText({ name: "", note: "x".repeat(21) })).toThrow(
    expect.objectContaining({
      extensions: expect.objectContaining({
        problems: [
          { path: "input.name", message: "It is empty." },
          { path: "input.note", message: "It has 21 characters; at most 20 are allowed." },
        ],
      }) as unknown,
    }),
  );
});

test("plain columns are those that are stored as they are given", () => {
  expect(floorColumns.plain({ id: "flr_1", expectedVersion: 1, name: "Ground", level: 0, ownerId: undefined, other: 1 })).toEqual({
    name: "Ground",
  });
});

test("shown columns of a row are those of the object type, without its ID", () => {
  const row = { id: "uuid", name: "Ground", note: "", level: null, ownerId: "owner", secret: "x" };
  expect(floorColumns.shown(row)).toEqual({ name: "Ground", note: "", level: null });
  expectTypeOf(floorColumns.shown(row)).toEqualTypeOf<{ name: string; note: string; level: null }>();
});

test("columns that are only shown are in no input", () => {
  const doorColumns = columns({
    name: column.text("Name."),
    ...column.shownOnly({ openedAt: column.time("When it was opened.", { nullable: true }), uses: column.int("Number of uses.") }),
  });
  expectTypeOf(shapeOf(doorColumns)).instance.toEqualTypeOf<{ name: string; openedAt: string | null; uses: number }>();
  expectTypeOf(createInputOf("CreateDoorInput", doorColumns)).instance.toExtend<{ name: string }>();
  expectTypeOf(createInputOf("CreateDoorInput", doorColumns)).instance.not.toExtend<{ uses: unknown }>();
  expect(() => doorColumns.changes({})).toThrow(
    expect.objectContaining({
      extensions: expect.objectContaining({
        problems: [{ path: "input", message: "Nothing to change. Provide at least one of name." }],
      }) as unknown,
    }),
  );
});

test("a column can have another place in the object type than in inputs", () => {
  const stairColumns = columns({
    steps: column.int("Steps."),
    width: column.int("Width."),
    name: column.text("Name.", { shownBefore: "steps" }),
  });
  @ShowColumns(stairColumns)
  @ObjectType()
  class Stair extends shapeOf(stairColumns) {}
  @Resolver()
  class StairResolver {
    @Query(() => Stair)
    stair(): Stair {
      return new Stair();
    }
  }
  const stairs = buildSchemaSync({ resolvers: [StairResolver], validate: false }).getType("Stair");
  expect(stairs && printType(stairs).match(/\w+(?=:)/g)).toEqual(["name", "steps", "width"]);
});

test("an input can take null for a column that never shows null", () => {
  const stairColumns = columns({ facts: column.jsonObject("Facts.", { nullable: true, shownNullable: false }) });
  expectTypeOf(shapeOf(stairColumns)).instance.toEqualTypeOf<{ facts: Record<string, unknown> }>();
  expect(stairColumns.changes({ facts: null })).toEqual({ facts: null });
});

test("trimmed texts are stored without blanks around them", () => {
  const doorColumns = columns({ name: column.text("Name.", { max: 5, trimmed: true }), note: column.text("Note.") });
  expect(doorColumns.changes({ name: " Oak ", note: " old " })).toEqual({ name: "Oak", note: " old " });
  expect(doorColumns.plain({ name: " Oak ", note: " old " })).toEqual({ name: "Oak", note: " old " });
  expect(() => doorColumns.assertText({ name: "  Oak  " })).toThrow();
  expect(doorColumns.textProblems({ name: "  Oak  " })).toEqual([
    { path: "input.name", message: "It has 7 characters; at most 5 are allowed." },
  ]);
});

test("a column can have an enum of TypeScript as its type", () => {
  enum Finish {
    MATT = "MATT",
  }
  enum Grade {
    LOW = 10,
  }
  const doorColumns = columns({ finish: column.of(() => Finish, "Finish."), grade: column.of(() => Grade, "Grade.") });
  expectTypeOf(shapeOf(doorColumns)).instance.toEqualTypeOf<{ finish: Finish; grade: Grade }>();
});

test("objects need not have a column that a field resolver returns", () => {
  const doorColumns = columns({ name: column.text("Name."), uses: column.int("Number of uses.", { nullable: true, resolved: true }) });
  expectTypeOf(shapeOf(doorColumns)).instance.toExtend<{ name: string; uses?: number | null }>();
  expectTypeOf<{ name: string }>().toExtend<InstanceType<ReturnType<typeof shapeOf<typeof doorColumns.map>>>>();
});

test("a JSON value is unknown, and a large whole number is a number", () => {
  const doorColumns = columns({ facts: column.json("Facts."), uses: column.safeInt("Number of uses.") });
  expectTypeOf(shapeOf(doorColumns)).instance.toEqualTypeOf<{ facts: unknown; uses: number }>();
});

test("a list of whole numbers is a column", () => {
  const days = column.ints("Days.");
  expect(days.type()).toEqual([Int]);
  expectTypeOf<Parameters<NonNullable<typeof days.types>>[0]>().toEqualTypeOf<number[]>();
});
