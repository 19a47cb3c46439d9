import "./account.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ErrorMessage, useAction } from "@weft/react";
import { useState, type SubmitEvent } from "react";
import type { ConsoleProfileQuery } from "../gql/graphql";
import { useLoaded } from "../parts/use-loaded";
import { profileQuery, updateProfile } from "./account-operations";

/** The user's own name and settings. */
export function AccountPage() {
  const { data, error, reload } = useLoaded(profileQuery, {});
  return (
    <div className="page account-page">
      <h1>
        <Trans>Your account</Trans>
      </h1>
      <p>
        <Link to="/account/security">
          <Trans>Second factors and sessions</Trans>
        </Link>
      </p>
      <ErrorMessage error={error} />
      {data?.me ? <Profile me={data.me} onSettled={() => void reload()} /> : error === null && <div className="placeholder high" />}
    </div>
  );
}

interface ProfileProps {
  readonly me: NonNullable<ConsoleProfileQuery["me"]>;
  readonly onSettled: () => void;
}

const names = ["name", "title", "phone", "locale", "timeZone"] as const;

function Profile({ me, onSettled }: ProfileProps) {
  const { t } = useLingui();
  const update = useAction(updateProfile);
  const [values, setValues] = useState({
    name: me.name,
    title: me.profile.title ?? "",
    phone: me.profile.phone ?? "",
    locale: me.profile.locale ?? "",
    timeZone: me.profile.timeZone ?? "",
  });
  const labels = {
    name: t`Name`,
    title: t`Job title`,
    phone: t`Phone number`,
    locale: t`Language and region, for example de-CH`,
    timeZone: t`Time zone, for example Europe/Zurich`,
  };
  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (update.isPending) return;
    const { name, ...others } = values;
    const given = Object.fromEntries(Object.entries(others).map(([key, value]) => [key, value.trim() === "" ? null : value.trim()]));
    // What was typed stays after a conflict and after a problem.
    await update.run({ input: { name: name.trim(), ...given, expectedVersion: me.version } });
    // After a conflict too: saving again then keeps what was typed.
    onSettled();
  }
  return (
    <form className="card fields" onSubmit={(event) => void submit(event)}>
      {names.map((name) => (
        <TextInput
          key={name}
          name={name}
          label={labels[name]}
          value={values[name]}
          required={name === "name"}
          withAsterisk={false}
          list={name === "timeZone" ? "time-zones" : undefined}
          onChange={({ currentTarget }) => setValues({ ...values, [name]: currentTarget.value })}
        />
      ))}
      <datalist id="time-zones">
        {Intl.supportedValuesOf("timeZone").map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <p className="soft">
        <Trans>Email address: {me.email}</Trans>
      </p>
      <ErrorMessage error={update.error} />
      <p className="actions">
        <Button type="submit" aria-disabled={update.isPending}>
          <Trans>Save</Trans>
        </Button>
        <span role="status">{update.data !== null && <Trans>Saved</Trans>}</span>
      </p>
    </form>
  );
}
