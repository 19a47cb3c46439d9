import { useLingui } from "@lingui/react";
import { dateText, relativeText } from "../formats/times";
import { Priority } from "../inbox/priority";
import { requestTitle } from "../parts/request-title";
import { TitledSection } from "../parts/titled-section";
import { RequestTable } from "../requests/request-table";
import { useSelection } from "../requests/use-selection";
import { sampleRows } from "./samples";

/** How a page is divided: the list, and what is open with its side panel. */
export function Anatomy() {
  const { i18n } = useLingui();
  const selection = useSelection(sampleRows.map(({ id }) => id));
  const [open] = sampleRows;
  return (
    <>
      <div className="gallery-frame requests">
        <RequestTable
          rows={sampleRows}
          total={sampleRows.length}
          columns={["title", "state", "priority", "requester", "assignee", "due", "changed"]}
          order={{ name: "changed", isDescending: true }}
          hasMore={false}
          isBusy={false}
          currentId={null}
          selection={selection}
          onOrder={() => undefined}
          onEnd={() => undefined}
        />
      </div>
      {open && (
        <div className="gallery-frame request">
          <article className="request-main">
            <header>
              <p className="soft number">Maintenance · {open.number}</p>
              <h3>{requestTitle(open.data, open.number)}</h3>
              <p>
                <span className="badge state">{open.workflow?.stateTitle}</span>
              </p>
            </header>
            <section className="card">
              <h4>What do you decide?</h4>
              <p className="soft">Transitions, then the data, then what people said and did.</p>
            </section>
          </article>
          <aside className="request-side" aria-label="Side panel">
            <TitledSection title="Properties">
              <dl className="properties">
                <div>
                  <dt>Priority</dt>
                  <dd>
                    <Priority priority={open.priority} />
                  </dd>
                </div>
                <div>
                  <dt>Due</dt>
                  <dd className="late">
                    {open.dueAt && <time title={dateText(open.dueAt, i18n.locale)}>{relativeText(open.dueAt, i18n.locale)}</time>}
                  </dd>
                </div>
              </dl>
            </TitledSection>
            <TitledSection title="Links">
              <p className="soft">A section for each kind of thing that belongs to it.</p>
            </TitledSection>
          </aside>
        </div>
      )}
    </>
  );
}
