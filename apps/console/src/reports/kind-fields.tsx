import { Trans, useLingui } from "@lingui/react/macro";
import type { ComplianceReportFormat, ComplianceReportKind } from "../gql/graphql";
import { formats, reportKinds } from "./report-kinds";

/** What a report shows and how, as the user has chosen it. */
export interface KindChoice {
  readonly kind: ComplianceReportKind;
  readonly formats: readonly ComplianceReportFormat[];
  /** Of an access review: keys of permissions, separated by commas. Empty: all */
  readonly permissions: string;
  readonly requiresSignOff: boolean;
}

export const firstChoice = (kind: ComplianceReportKind): KindChoice => ({
  kind,
  formats: ["PDF", "CSV", "JSON"],
  permissions: "",
  requiresSignOff: false,
});

/** The members of the inputs of reports and of schedules. */
export function inputOf({ kind, formats: chosen, permissions, requiresSignOff }: KindChoice) {
  const keys = permissions.split(/[\s,]+/).filter(Boolean);
  return { kind, formats: [...chosen], requiresSignOff, ...(kind === "ACCESS_REVIEW" && keys.length > 0 && { permissions: keys }) };
}

interface KindFieldsProps {
  readonly kinds: readonly ComplianceReportKind[];
  readonly value: KindChoice;
  readonly onChange: (value: KindChoice) => void;
}

/** The fields that a report and a schedule have in common. */
export function KindFields({ kinds, value, onChange }: KindFieldsProps) {
  const { t, i18n } = useLingui();
  const set = (changes: Partial<KindChoice>): void => onChange({ ...value, ...changes });
  const toggle = (format: ComplianceReportFormat): void =>
    set({ formats: value.formats.includes(format) ? value.formats.filter((one) => one !== format) : [...value.formats, format] });
  return (
    <>
      <label>
        <Trans>Kind</Trans>
        <select
          name="kind"
          aria-describedby="kind-question"
          value={value.kind}
          onChange={({ currentTarget }) => set({ kind: currentTarget.value as ComplianceReportKind })}
        >
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {i18n._(reportKinds[kind].title)}
            </option>
          ))}
        </select>
        <span className="soft help" id="kind-question">
          {i18n._(reportKinds[value.kind].question)}
        </span>
      </label>
      {value.kind === "ACCESS_REVIEW" && (
        <label>
          <Trans>Only these permissions</Trans>
          <input
            name="permissions"
            placeholder={t`All permissions`}
            value={value.permissions}
            onChange={({ currentTarget }) => set({ permissions: currentTarget.value })}
          />
          <span className="soft help">
            <Trans>Separated by commas, such as vendor.approve, contract.sign</Trans>
          </span>
        </label>
      )}
      <fieldset>
        <legend>
          <Trans>Files</Trans>
        </legend>
        {Object.entries(formats).map(([format, title]) => (
          <label key={format} className="check">
            <input
              type="checkbox"
              name={format}
              // There is always a JSON file.
              disabled={format === "JSON"}
              checked={format === "JSON" || value.formats.includes(format as ComplianceReportFormat)}
              onChange={() => toggle(format as ComplianceReportFormat)}
            />
            {i18n._(title)}
          </label>
        ))}
      </fieldset>
      <label className="check">
        <input
          type="checkbox"
          name="requiresSignOff"
          checked={value.requiresSignOff}
          onChange={({ currentTarget }) => set({ requiresSignOff: currentTarget.checked })}
        />
        <Trans>Somebody else must sign it off</Trans>
      </label>
    </>
  );
}
