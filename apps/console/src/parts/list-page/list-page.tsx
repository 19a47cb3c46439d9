import "./list-page.css";
import type { ReactNode } from "react";

interface ListPageProps {
  /** Class of this page. */
  readonly name: string;
  readonly title: ReactNode;
  /** Creates something. False: the user cannot. */
  readonly action: ReactNode;
  readonly children: ReactNode;
}

/** A page of lists, each in a section with a title, in a column that is not too wide to read. */
export const ListPage = ({ name, title, action, children }: ListPageProps) => (
  <div className={`list-page ${name}`}>
    <header>
      <h1>{title}</h1>
      {action}
    </header>
    {children}
  </div>
);
