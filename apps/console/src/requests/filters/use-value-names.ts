import { useLingui } from "@lingui/react/macro";
import { dayText } from "../../formats/days";
import { words } from "../../formats/values";
import { readFragment } from "../../gql";
import { nameOfObject, objectName } from "../../parts/object-name";
import { useLoaded } from "../../parts/use-loaded";
import { requestTypesQuery } from "../requests-operations";
import { useStates } from "../use-states";
import type { FilterField } from "./filter-field";
import { namesQuery } from "./filter-operations";
import { daysOf, futureRanges, pastRanges } from "./ranges";

/** Returns the values of a filter as the user reads them. What has no name that the user can see keeps its own. */
export function useValueNames({ kind, choices }: FilterField, values: readonly string[]): readonly string[] {
  const { t, i18n } = useLingui();
  const isObject = kind === "people" || kind === "workers" || kind === "buildings" || kind === "objects";
  const ids = values.filter((value) => /^[a-z]{3}_/.test(value));
  const objects = useLoaded(namesQuery, isObject && ids.length > 0 ? { ids } : null, { keepsPreviousData: true });
  const types = useLoaded(requestTypesQuery, kind === "types" ? {} : null);
  const { states } = useStates(kind === "states" ? {} : null);
  const nameOf = (value: string): string | undefined => {
    switch (kind) {
      case "choice": {
        const choice = choices?.[value];
        return choice && i18n._(choice);
      }
      case "types":
        return types.data?.requestTypes?.edges.find(({ node }) => node.key === value)?.node.name;
      case "states":
        return states?.find(({ name }) => name === value)?.title ?? words(value);
      case "people":
      case "workers":
      case "buildings":
      case "objects": {
        if (value === "me") return t`me`;
        if (value === "none") return t`nobody`;
        const object = readFragment(
          objectName,
          objects.data?.nodes?.find((node) => node?.id === value),
        );
        return (object && nameOfObject(object)) ?? undefined;
      }
      case "dates": {
        const range = { ...pastRanges, ...futureRanges }[value];
        if (range) return i18n._(range);
        const { from, to } = daysOf(value);
        const day = (text: string): string => (text === "" ? "…" : dayText(text, i18n.locale));
        return `${day(from)} – ${day(to)}`;
      }
      case "text":
        return value;
    }
  };
  return values.map((value) => nameOf(value) ?? value);
}
