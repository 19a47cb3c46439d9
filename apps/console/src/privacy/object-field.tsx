import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Person } from "../parts/people/person";
import { UserPicker } from "../parts/user-picker";

export type ObjectKind = "user" | "id" | "organization";

interface ObjectFieldProps {
  /** What an ID can be of, in words. */
  readonly idLabel: string;
  /** Name of the choice of an ID. */
  readonly idTitle: string;
  /** ID of the organization, if it can be chosen. */
  readonly organizationId?: string | null;
  /** Called with the ID of what is chosen. Null: nothing yet. */
  readonly onChange: (id: string | null) => void;
}

/** Chooses whom or what something is about: a user by name, something else by its ID, or the whole organization. */
export function ObjectField({ idLabel, idTitle, organizationId = null, onChange }: ObjectFieldProps) {
  const { t } = useLingui();
  const [kind, setKind] = useState<ObjectKind>("user");
  const [person, setPerson] = useState<Person | null>(null);
  const [id, setId] = useState("");
  const choose = (next: ObjectKind): void => {
    setKind(next);
    onChange(next === "user" ? (person?.id ?? null) : next === "id" ? id.trim() || null : organizationId);
  };
  const choices = [["user", t`A user`], ["id", idTitle], ...(organizationId === null ? [] : [["organization", t`The whole organization`]])];
  return (
    <>
      <fieldset>
        <legend>
          <Trans>About</Trans>
        </legend>
        {choices.map(([name, title]) => (
          <label key={name} className="check">
            <input type="radio" name="about" value={name} checked={kind === name} onChange={() => choose(name as ObjectKind)} />
            {title}
          </label>
        ))}
      </fieldset>
      {kind === "user" && (
        <UserPicker
          label={<Trans>User</Trans>}
          value={person}
          isOfAll
          onChange={(next) => {
            setPerson(next);
            onChange(next?.id ?? null);
          }}
        />
      )}
      {kind === "id" && (
        <label>
          {idLabel}
          <input
            name="objectId"
            required
            value={id}
            onChange={({ currentTarget }) => {
              setId(currentTarget.value);
              onChange(currentTarget.value.trim() || null);
            }}
          />
        </label>
      )}
    </>
  );
}
