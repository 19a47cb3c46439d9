import "@mantine/core/styles/Combobox.css";
import { useLingui } from "@lingui/react/macro";
import { Select } from "@mantine/core";
import { WeftError } from "@weft/client";
import { ErrorMessage, useWeft } from "@weft/react";
import { useEffect, useState, type ReactNode } from "react";
import { useViewer } from "../frame/viewer";
import { graphql } from "../gql";

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
  /** ID of the chosen user. */
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
  /** ID of a user who cannot be chosen. */
  readonly except?: string | null;
}

interface Found {
  readonly value: string;
  readonly label: string;
}

const typingMs = 150;

/** Finds an active user of the organization by a part of the name, email address or user name. */
export function UserPicker({ label, value, onChange, except = null }: UserPickerProps) {
  const { t } = useLingui();
  const client = useWeft();
  const viewer = useViewer();
  const [typed, setTyped] = useState("");
  const [found, setFound] = useState<readonly Found[]>([]);
  const [error, setError] = useState<WeftError | null>(null);
  const chosen = found.find((one) => one.value === value) ?? null;
  useEffect(() => {
    // The field contains the name of the chosen user, which is nothing to search for.
    if (chosen?.label === typed) return undefined;
    const ended = new AbortController();
    const find = async (): Promise<void> => {
      const filter = { status: { eq: "ACTIVE" as const }, type: { eq: viewer?.type ?? "EMPLOYEE" } };
      const search = typed.trim() === "" ? {} : { search: { contains: typed.trim() } };
      try {
        const { users } = await client.query(usersQuery, { filter: { ...filter, ...search } }, { signal: ended.signal });
        const nodes = users?.edges.map(({ node }) => node) ?? [];
        setFound(nodes.filter(({ id }) => id !== except).map(({ id, name, email }) => ({ value: id, label: `${name} (${email})` })));
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
  }, [client, typed, chosen?.label, except, viewer?.type]);
  return (
    <>
      <Select
        label={label}
        data={found}
        value={value}
        onChange={onChange}
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
