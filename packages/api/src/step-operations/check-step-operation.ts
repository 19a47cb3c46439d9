/** Checks the operation of a step against the schema of this API when its definition is saved, so that its author learns of mistakes, not its run. */
import {
  coerceInputValue,
  Kind,
  OverlappingFieldsCanBeMergedRule,
  parse,
  specifiedRules,
  typeFromAST,
  validate,
  visit,
  isInputType,
  isNonNullType,
} from "graphql";
import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, VariableDefinitionNode } from "graphql";
import { quote } from "@weft/shared/errors";
import { rootFieldNames } from "./root-fields.js";
import { refusalOfRun } from "./usable-fields.js";

/** Enough for an author, and few enough for a hostile text. */
const MAX_ERRORS = 10;
/** The rule about fields that cannot be merged compares each field with each other one. In larger operations, the run finds such fields. */
const MAX_COMPARED_FIELDS = 200;

const RULES = specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule);

/** A variable whose value contains expressions has no value yet. */
export type WrittenVariable = { readonly value: unknown } | null;

/** What is wrong, and with which variable; null: with the text of the operation. */
export interface OperationProblem {
  readonly variable: string | null;
  readonly message: string;
}

/**
 * Returns what is wrong with the operation of a step: unknown fields, operations that runs cannot use, and variables that are missing, unknown, or of
 * another type. Rights are not checked, because they are those of the time when it runs.
 * @param query a text with one operation, which has been parsed before
 * @param variables by name; null: none of them is known before the run
 */
export function checkStepOperation(
  schema: GraphQLSchema,
  query: string,
  variables: ReadonlyMap<string, WrittenVariable> | null,
): readonly OperationProblem[] {
  const document = parse(query);
  const operation = document.definitions.find((one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION);
  if (!operation) return [];
  // A field that does not exist is mistyped rather than forbidden.
  const known = schema.getRootType(operation.operation)?.getFields() ?? {};
  const isKnown = [...rootFieldNames(document, operation.selectionSet)].every((name) => Object.hasOwn(known, name));
  const refusal = isKnown ? refusalOfRun(document, operation) : null;
  if (refusal !== null) return [{ variable: null, message: refusal }];
  const errors = validate(schema, document, rulesFor(document), { maxErrors: MAX_ERRORS });
  if (errors.length > 0) return errors.map((error) => ({ variable: null, message: messageOf(error) }));
  return variables === null ? [] : problemsOfVariables(schema, operation.variableDefinitions ?? [], variables);
}

function rulesFor(document: DocumentNode): typeof specifiedRules {
  let fields = 0;
  visit(document, { Field: () => void fields++ });
  return fields > MAX_COMPARED_FIELDS ? RULES : specifiedRules;
}

const messageOf = ({ message, locations = [] }: GraphQLError): string => {
  const [place] = locations;
  return `${message}${place ? ` (line ${place.line}, column ${place.column} of the operation)` : ""}`;
};

function problemsOfVariables(
  schema: GraphQLSchema,
  declared: readonly VariableDefinitionNode[],
  given: ReadonlyMap<string, WrittenVariable>,
): OperationProblem[] {
  const problems: OperationProblem[] = [];
  const names = new Set(declared.map(({ variable }) => variable.name.value));
  for (const name of given.keys())
    if (!names.has(name)) problems.push({ variable: name, message: `The operation declares no variable ${quote(`$${name}`)}.` });
  for (const { variable, type: written, defaultValue } of declared) {
    const name = variable.name.value;
    const type = typeFromAST(schema, written);
    if (!isInputType(type)) continue;
    const one = given.get(name);
    if (one === undefined) {
      if (isNonNullType(type) && defaultValue === undefined)
        problems.push({
          variable: null,
          message: `The variable $${name} must have a value of the type ${String(type)}. Add it to \`variables\`.`,
        });
    } else if (one !== null)
      coerceInputValue(one.value, type, (path, _value, { message }) => {
        const place = path.length === 0 ? "" : ` at ${path.join(".")}`;
        if (problems.length < MAX_ERRORS) problems.push({ variable: name, message: `$${name}${place}: ${message}` });
      });
  }
  return problems.slice(0, MAX_ERRORS);
}
