import { type DocumentNode, type FieldDefinitionNode, Kind, parse, print, visit } from "graphql";

/** Calls `change` for each field of an object type, as `Type.field`. Null removes it. */
const changed = (sdl: string, change: (name: string, field: FieldDefinitionNode) => FieldDefinitionNode | null): string =>
  print(
    visit(parse(sdl), {
      ObjectTypeDefinition: (type) => ({
        ...type,
        fields: type.fields?.flatMap((field) => change(`${type.name.value}.${field.name.value}`, field) ?? []) ?? [],
      }),
    }),
  );

/** Returns the SDL without a field: `Request.title`. */
export const withoutField = (sdl: string, name: string): string => changed(sdl, (each, field) => (each === name ? null : field));

/** Returns the SDL in which fields have tags, by `Type.field`. */
export function withTags(sdl: string, tags: Readonly<Record<string, string>>): string {
  const tagged = changed(sdl, (name, field) => {
    const tag = tags[name];
    return tag === undefined ? field : { ...field, directives: [...(field.directives ?? []), tagDirective(tag)] };
  });
  return tagged.includes('"@tag"') ? tagged : tagged.replace("import: [", 'import: ["@tag", ');
}

const tagDirective = (tag: string) => {
  const [definition] = (parse(`type T @tag(name: ${JSON.stringify(tag)})`) satisfies DocumentNode).definitions;
  if (definition?.kind !== Kind.OBJECT_TYPE_DEFINITION || !definition.directives?.[0]) throw new Error("The parser returned no directive.");
  return definition.directives[0];
};
