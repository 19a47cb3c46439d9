import "@mantine/core/styles/Combobox.css";
import { useLingui } from "@lingui/react/macro";
import { Select } from "@mantine/core";
import { WeftError } from "@weft/client";
import { ErrorMessage, useWeft } from "@weft/react";
import { useEffect, useState, type ReactNode } from "react";
import { useViewer } from "../frame/viewer";
import { graphql } from "../gql";
import type { Person } from "./people/person";

const usersQuery = graphql(`
  query ConsoleFindUsers($filter: UserFilter!) {
    users(first: 20, filter: $filter) {
      edges {
        node {
          id
          name
          email
        }
      }
    }
  }
`);

interface UserPickerProps {
  readonly label: ReactNode;
  /** The chosen user, with the name that the field shows. */
  readonly value: Person | null;
  readonly onChange: (person: Person | null) => void;
  /** ID of a user who cannot be chosen. */
  readonly except?: string | null;
  /** Whether users of vendors and inactive users can be chosen, too. */
  readonly isOfAll?: boolean;
}

const typingMs = 150;

/** Finds a user, by default an active one of the organization by a part of the name, email address or user name. */
export function UserPicker({ label, value, onChange, except = null, isOfAll = false }: UserPickerProps) {
  const { t } = useLingui();
  const client = useWeft();
  const viewer = useViewer();
  const [typed, setTyped] = useState(value?.name ?? "");
  const [found, setFound] = useState<readonly Person[]>([]);
  const [error, setError] = useState<WeftError | null>(null);
  const shown = value === null || found.some(({ id }) => id === value.id) ? found : [value, ...found];
  useEffect(() => {
    // The field contains the name of the chosen user, which is nothing to search for.
    if (value?.name === typed) return undefined;
    const ended = new AbortController();
    const find = async (): Promise<void> => {
      const filter = isOfAll ? {} : { status: { eq: "ACTIVE" as const }, type: { eq: viewer?.type ?? "EMPLOYEE" } };
      const search = typed.trim() === "" ? {} : { search: { contains: typed.trim() } };
      try {
        const { users } = await client.query(usersQuery, { filter: { ...filter, ...search } }, { signal: ended.signal });
        const nodes = users?.edges.map(({ node }) => node) ?? [];
        setFound(nodes.filter(({ id }) => id !== except).map(({ id, name, email }) => ({ id, name: `${name} (${email})` })));
        setError(null);
      } catch (problem) {
        if (ended.signal.aborted) return;
        if (!(problem instanceof WeftError)) throw problem;
        setError(problem);
      }
    };
    const timer = setTimeout(() => void find(), typingMs);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [client, typed, value?.name, except, isOfAll, viewer?.type]);
  return (
    <>
      <Select
        label={label}
        data={shown.map(({ id, name }) => ({ value: id, label: name }))}
        value={value?.id ?? null}
        onChange={(id) => onChange(shown.find((one) => one.id === id) ?? null)}
        searchable
        clearable
        required
        withAsterisk={false}
        searchValue={typed}
        onSearchChange={setTyped}
        // The server has searched already.
        filter={({ options }) => options}
        nothingFoundMessage={t`Nobody found`}
        placeholder={t`Name or email address`}
        clearButtonProps={{ "aria-label": t`Remove` }}
        comboboxProps={{ withinPortal: false }}
        maxDropdownHeight={260}
      />
      <ErrorMessage error={error} />
    </>
  );
}
