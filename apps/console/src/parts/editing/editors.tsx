import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useLive } from "@weft/react";
import { initials } from "../../frame/initials";
import { graphql } from "../../gql";
import type { RequestActivity } from "../../gql/graphql";
import "./editors.css";

const requestEditors = graphql(`
  subscription ConsoleRequestEditors($id: ID!, $after: String) {
    requestEditors(id: $id, after: $after) {
      cursor
      editors {
        activity
        user {
          id
          name
        }
      }
    }
  }
`);

/** People who are named. Of the others, only the number is shown. */
const named = 2;

/** Who else is changing a request, or is writing a comment on it, at present. Takes no room while there is nobody. */
export function Editors({ requestId }: { readonly requestId: string }) {
  const { t, i18n } = useLingui();
  const { data, status } = useLive(requestEditors, { id: requestId });
  // What may have ended while the connection was away is not shown.
  const editors = status === "live" ? (data?.requestEditors?.editors ?? []) : [];
  const names = editors.map(({ user }) => user?.name ?? t`Somebody`);
  const others = names.length - named;
  const shown = others > 1 ? [...names.slice(0, named), t`${others} others`] : names;
  const people = new Intl.ListFormat(i18n.locale).format(shown);
  const count = names.length;
  const isAll = (activity: RequestActivity): boolean => editors.every((editor) => editor.activity === activity);
  const sentence = isAll("COMMENTING")
    ? t`${plural(count, { one: `${people} is writing a comment.`, other: `${people} are writing comments.` })}`
    : isAll("CHANGING")
      ? t`${plural(count, { one: `${people} is changing this request.`, other: `${people} are changing this request.` })}`
      : t`${people} are working on this request.`;
  return (
    <span className="editors" role="status">
      {count > 0 && (
        <>
          <span className="faces" aria-hidden="true">
            {names.slice(0, named).map((name, index) => (
              <span key={editors[index]?.user?.id ?? index} className="initials">
                {initials(name)}
              </span>
            ))}
          </span>
          <span className="soft" title={sentence}>
            {sentence}
          </span>
        </>
      )}
    </span>
  );
}
