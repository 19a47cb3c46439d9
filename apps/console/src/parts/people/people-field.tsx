import { useLingui } from "@lingui/react/macro";
import { MultiSelect } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useLiveQuery } from "@weft/react";
import { useState } from "react";
import { usersQuery } from "./people-operations";
import "./people.css";
import type { Person } from "./person";

interface PeopleFieldProps {
  readonly label: string;
  readonly value: readonly Person[];
  readonly onChange: (people: readonly Person[]) => void;
  readonly max?: number;
}

/** Users who are found by typing a part of their name. */
export function PeopleField({ label, value, onChange, max = 20 }: PeopleFieldProps) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [searched] = useDebouncedValue(text, 150);
  const { data } = useLiveQuery(usersQuery, [], { text: searched.trim() }, { keepsPreviousData: true });
  const found = data?.users?.edges.map(({ node }) => node) ?? [];
  const known = new Map([...value, ...found].map((person) => [person.id, person]));
  return (
    <MultiSelect
      size="sm"
      label={label}
      placeholder={value.length === 0 ? t`Part of a name` : ""}
      data={[...known.values()].map(({ id, name }) => ({ value: id, label: name }))}
      // The server has searched.
      filter={({ options }) => options}
      searchable
      hidePickedOptions
      maxValues={max}
      searchValue={text}
      onSearchChange={setText}
      value={value.map(({ id }) => id)}
      onChange={(ids) => onChange(ids.flatMap((id) => known.get(id) ?? []))}
      nothingFoundMessage={t`Nobody has this name.`}
      comboboxProps={{ withinPortal: false }}
    />
  );
}
