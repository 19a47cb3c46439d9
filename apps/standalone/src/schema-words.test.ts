import { globSync, readFileSync } from "node:fs";
import { errorRegistry } from "@weft/shared/errors";
import {
  getNamedType,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from "graphql";
import { expect, test } from "vitest";
import { allSubgraphs } from "./subgraphs.js";

const root = new URL("../../../", import.meta.url);
const types = allSubgraphs().flatMap(({ schema }) => Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__")));
const codes: ReadonlySet<string> = new Set(Object.keys(errorRegistry));

type AnyField = GraphQLField<unknown, unknown> | GraphQLInputField;

const fieldsOf = (type: GraphQLNamedType): readonly AnyField[] =>
  isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
    ? Object.values(type.getFields() as Readonly<Record<string, AnyField>>)
    : [];

test("a status is an enum everywhere, in objects and in filters", () => {
  const texts = types.flatMap((type) =>
    fieldsOf(type)
      .filter(({ name }) => name === "status")
      .filter((field) => {
        const named = getNamedType(field.type);
        const compared = isInputObjectType(named) ? getNamedType(named.getFields()["eq"]?.type ?? named) : named;
        return !isEnumType(compared);
      })
      .map((field) => `${type.name}.${field.name}: ${field.type.toString()}`),
  );
  expect(texts).toEqual([]);
});

test("descriptions list only errors that Weft returns", () => {
  const unknown = types.flatMap((type) =>
    fieldsOf(type).flatMap(({ name, description }) => {
      const listed = /Errors?: ([^]*)/.exec(description ?? "")?.[1] ?? "";
      return [...listed.matchAll(/\b[A-Z]{4,}(?:_[A-Z]+)+\b/g)].flatMap(([code]) =>
        codes.has(code) ? [] : [`${type.name}.${name}: ${code}`],
      );
    }),
  );
  expect(unknown).toEqual([]);
});

test("every documented error is thrown somewhere", () => {
  const sources = globSync(["packages/*/src/**/*.ts", "gateway/src/**/*.ts", "subgraphs/*/src/**/*.ts"], { cwd: root.pathname })
    .filter((path) => !/test|errors\/(codes|errors)\.ts$|testkit/.test(path))
    .map((path) => readFileSync(new URL(path, root), "utf8"))
    .join("\n");
  const classOf = (code: string): string => code.toLowerCase().replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const silent = [...codes].filter((code) => !sources.includes(`new ${classOf(code)}(`) && !sources.includes(`code: "${code}"`));
  expect(silent).toEqual([]);
});
