import { Trans, useLingui } from "@lingui/react/macro";
import { TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ErrorMessage, useLiveQuery } from "@weft/react";
import { useRef, useState } from "react";
import { useKeys } from "../frame/use-keys";
import { Placeholders } from "../parts/placeholders";
import { catalogQuery, requestsChanged } from "./portal-operations";

const never = { concerns: () => false };

/** The types of requests that the user can create. They change rarely, so no event loads them again. */
export function Catalog() {
  const { t, i18n } = useLingui();
  const { data, error } = useLiveQuery(catalogQuery, requestsChanged, {}, never);
  const [search, setSearch] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useKeys({ "/": () => field.current?.focus() });
  const types = data?.catalog ?? null;
  const words = search.toLocaleLowerCase(i18n.locale).split(/\s+/).filter(Boolean);
  const found = types?.filter(({ name, description }) => {
    const text = `${name} ${description}`.toLocaleLowerCase(i18n.locale);
    return words.every((word) => text.includes(word));
  });
  return (
    <section className="catalog" aria-labelledby="catalog">
      <h2 id="catalog">
        <Trans>What do you need?</Trans>
      </h2>
      <TextInput
        ref={field}
        type="search"
        aria-label={t`Search the catalog`}
        placeholder={t`Search the catalog`}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ErrorMessage error={error} />
      {!found && error === null && <Placeholders count={4} />}
      {types?.length === 0 && (
        <p className="soft">
          <Trans>Your organization offers you no requests yet. An administrator can add them to the catalog.</Trans>
        </p>
      )}
      {types !== null && types.length > 0 && found?.length === 0 && (
        <p className="soft" role="status">
          <Trans>Nothing in the catalog has these words.</Trans>
        </p>
      )}
      <ul>
        {found?.map(({ id, key, name, description }) => (
          <li key={id}>
            <Link to="/portal/new/$typeKey" params={{ typeKey: key }} className="offer">
              <strong>{name}</strong>
              <span className="soft">{description}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
