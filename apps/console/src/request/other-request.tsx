import { useLingui } from "@lingui/react/macro";
import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useLiveQuery } from "@weft/react";
import { useState } from "react";
import { searchQuery } from "./link-operations";
import "../parts/people/people.css";
import { requestTitle } from "../parts/request-title";

interface OtherRequestProps {
  readonly exceptId: string;
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
}

/** Another request, found by its number or by words. */
export function OtherRequest({ exceptId, value, onChange }: OtherRequestProps) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [searched] = useDebouncedValue(text.split(" · ")[0]?.trim() ?? "", 150);
  const { data } = useLiveQuery(searchQuery, [], { text: searched }, { keepsPreviousData: true });
  const found = data?.requests?.edges.map(({ node }) => node) ?? [];
  return (
    <Select
      size="sm"
      label={t`Other request`}
      placeholder={t`Number or words`}
      data={found
        .filter(({ id }) => id !== exceptId)
        .map(({ id, number, data: values }) => ({ value: id, label: [number, requestTitle(values, null)].filter(Boolean).join(" · ") }))}
      // The server has searched.
      filter={({ options }) => options}
      searchable
      searchValue={text}
      onSearchChange={setText}
      value={value}
      onChange={onChange}
      nothingFoundMessage={t`No request contains these words.`}
      comboboxProps={{ withinPortal: false }}
    />
  );
}
