import { useLingui } from "@lingui/react/macro";
import { useDebouncedValue } from "@mantine/hooks";
import { can, useViewer } from "../../frame/viewer";
import { useLoaded } from "../../parts/use-loaded";
import { requestTypesQuery } from "../requests-operations";
import { useStates } from "../use-states";
import { parseValue, type FilterField } from "./filter-field";
import { buildingsQuery, peopleQuery, teamsQuery, vendorsQuery } from "./filter-operations";

interface Choice {
  readonly id: string;
  readonly name: string;
}

interface Choices {
  readonly choices: readonly Choice[];
  /** Whether the user searches for them, because there can be many. */
  readonly isSearched: boolean;
  readonly isLoading: boolean;
}

interface ChoicesOptions {
  readonly search: string;
  /** The filter of types. */
  readonly types: string | undefined;
}

const nodes = (connection: { readonly edges: readonly { readonly node: Choice }[] } | null | undefined): readonly Choice[] =>
  connection?.edges.map(({ node }) => node) ?? [];

/** The values that a filter offers. */
export function useChoices({ kind, choices = {} }: FilterField, { search, types }: ChoicesOptions): Choices {
  const { t, i18n } = useLingui();
  const viewer = useViewer();
  const [text] = useDebouncedValue(search.trim(), 200);
  const filter = text === "" ? null : { search: { contains: text } };
  // The choices stay while the user types the next letter.
  const whileTyping = { keepsPreviousData: true };
  const isPeople = kind === "people" || kind === "workers";
  const people = useLoaded(peopleQuery, isPeople && can(viewer, "user.read") ? { filter } : null, whileTyping);
  const teams = useLoaded(teamsQuery, kind === "workers" && can(viewer, "team.read") ? { filter } : null, whileTyping);
  const vendors = useLoaded(vendorsQuery, kind === "workers" && can(viewer, "vendor.read") ? { filter } : null, whileTyping);
  const buildings = useLoaded(buildingsQuery, kind === "buildings" ? { filter } : null, whileTyping);
  const allTypes = useLoaded(requestTypesQuery, kind === "types" ? {} : null);
  const { isNegated, values: typeKeys } = parseValue(types ?? "");
  const { states, error: statesError } = useStates(kind === "states" ? (isNegated || typeKeys.length === 0 ? {} : { typeKeys }) : null);
  const me = { id: "me", name: t`me` };
  switch (kind) {
    case "types":
      return {
        choices: allTypes.data?.requestTypes?.edges.map(({ node }) => ({ id: node.key, name: node.name })) ?? [],
        isSearched: false,
        isLoading: allTypes.data === null,
      };
    case "states":
      return {
        choices: states?.map(({ name, title }) => ({ id: name, name: title })) ?? [],
        isSearched: false,
        isLoading: states === null && statesError === null,
      };
    case "people":
      return { choices: [...(text === "" ? [me] : []), ...nodes(people.data?.users)], isSearched: true, isLoading: people.data === null };
    case "workers":
      return {
        choices: [
          ...(text === "" ? [me, { id: "none", name: t`nobody` }] : []),
          ...nodes(teams.data?.teams),
          ...nodes(vendors.data?.vendors),
          ...nodes(people.data?.users),
        ],
        isSearched: true,
        isLoading: people.data === null,
      };
    case "buildings":
      return { choices: nodes(buildings.data?.buildings), isSearched: true, isLoading: buildings.data === null };
    case "choice":
    case "dates":
    case "text":
    case "objects":
      return { choices: Object.entries(choices).map(([id, title]) => ({ id, name: i18n._(title) })), isSearched: false, isLoading: false };
  }
}
