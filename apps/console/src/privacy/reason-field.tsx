import type { ReactNode } from "react";

interface ReasonFieldProps {
  readonly label: ReactNode;
  readonly value: string;
  readonly onChange: (text: string) => void;
}

export const ReasonField = ({ label, value, onChange }: ReasonFieldProps) => (
  <label>
    {label}
    <textarea
      name="reason"
      className="text-field"
      required
      maxLength={1000}
      rows={2}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  </label>
);
