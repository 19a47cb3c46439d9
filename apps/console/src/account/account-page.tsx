import "./account.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ErrorMessage, useAction } from "@weft/react";
import { useContext, useState, type SubmitEvent } from "react";
import { valueText } from "../formats/values";
import { ReloadViewerContext } from "../frame/viewer";
import type { ConsoleProfileQuery } from "../gql/graphql";
import { Changed, changesBetween, useReloadOnConflict, withMine } from "../parts/changed";
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
        {" · "}
        <Link to="/account/notifications">
          <Trans>Notifications</Trans>
        </Link>
      </p>
      <ErrorMessage error={error} />
      {data?.me ? <Profile me={data.me} onStale={() => void reload()} /> : error === null && <div className="placeholder high" />}
    </div>
  );
}

interface ProfileProps {
  readonly me: NonNullable<ConsoleProfileQuery["me"]>;
  /** Called when there is something newer than `me`. */
  readonly onStale: () => void;
}

const names = ["name", "title", "phone", "locale", "timeZone"] as const;

const valuesOf = ({ name, profile }: ProfileProps["me"]) => ({
  name,
  title: profile.title ?? "",
  phone: profile.phone ?? "",
  locale: profile.locale ?? "",
  timeZone: profile.timeZone ?? "",
});

function Profile({ me, onStale }: ProfileProps) {
  const { t, i18n } = useLingui();
  const update = useAction(updateProfile);
  const reloadViewer = useContext(ReloadViewerContext);
  useReloadOnConflict(update.error, onStale);
  const [seen, setSeen] = useState({ version: me.version, values: valuesOf(me) });
  const [values, setValues] = useState(seen.values);
  // After saving, the version is known before the rest is loaded again.
  const changes = me.version > seen.version ? changesBetween(seen.values, valuesOf(me)) : [];
  const isBehind = changes.length > 0;
  const goOn = (next: typeof values): void => {
    setSeen({ version: me.version, values: valuesOf(me) });
    setValues(next);
    update.reset();
  };
  const labels = {
    name: t`Name`,
    title: t`Job title`,
    phone: t`Phone number`,
    locale: t`Language and region, for example de-CH`,
    timeZone: t`Time zone, for example Europe/Zurich`,
  };
  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (update.isPending || isBehind) return;
    const { name, ...others } = values;
    const given = Object.fromEntries(Object.entries(others).map(([key, value]) => [key, value.trim() === "" ? null : value.trim()]));
    // What was typed stays after a conflict and after a problem.
    const done = await update.run({ input: { name: name.trim(), ...given, expectedVersion: Math.max(me.version, seen.version) } });
    if (!done?.updateProfile) return;
    setSeen({ version: done.updateProfile.user.version, values });
    onStale();
    reloadViewer();
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
      {isBehind && (
        <Changed
          title={<Trans>Your account has been changed since you began.</Trans>}
          changes={changes}
          labelOf={(name) => labels[name as keyof typeof labels]}
          textOf={(_, value) => valueText(value, i18n.locale)}
          onKeep={() => goOn(withMine(values, seen.values, valuesOf(me)))}
          onTake={() => goOn(valuesOf(me))}
        />
      )}
      <ErrorMessage error={isBehind && update.error?.code === "CONFLICT" ? null : update.error} />
      <p className="actions">
        <Button type="submit" aria-disabled={update.isPending || isBehind} {...(isBehind && { "data-disabled": true })}>
          <Trans>Save</Trans>
        </Button>
        <span role="status">{update.data !== null && <Trans>Saved</Trans>}</span>
      </p>
    </form>
  );
}
