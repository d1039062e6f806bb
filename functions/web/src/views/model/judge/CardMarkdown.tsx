import { Code, List, Table, Text, Title } from "@mantine/core";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { ScrollBox } from "../report/ScrollBox";

// Headings of the card stand below the heading of its section. It has no links, and none are made.
const COMPONENTS: Components = {
  h1: ({ children }) => (
    <Title order={3} size="h3">
      {children}
    </Title>
  ),
  h2: ({ children }) => (
    <Title order={4} size="h5" mt="lg" mb={4}>
      {children}
    </Title>
  ),
  h3: ({ children }) => (
    <Title order={5} size="h6" mt="md" mb={4}>
      {children}
    </Title>
  ),
  p: ({ children }) => (
    <Text size="sm" my="xs">
      {children}
    </Text>
  ),
  ul: ({ children }) => <List size="sm">{children}</List>,
  ol: ({ children }) => (
    <List size="sm" type="ordered">
      {children}
    </List>
  ),
  li: ({ children }) => <List.Item>{children}</List.Item>,
  table: ({ children }) => (
    <ScrollBox label={"table"} minWidth={320}>
      <Table fz="sm">{children}</Table>
    </ScrollBox>
  ),
  thead: ({ children }) => <Table.Thead>{children}</Table.Thead>,
  tbody: ({ children }) => <Table.Tbody>{children}</Table.Tbody>,
  tr: ({ children }) => <Table.Tr>{children}</Table.Tr>,
  th: ({ children }) => <Table.Th scope="col">{children}</Table.Th>,
  td: ({ children }) => <Table.Td>{children}</Table.Td>,
  code: ({ children }) => <Code>{children}</Code>,
  pre: ({ children }) => <ScrollBox label="curl">{<pre>{children}</pre>}</ScrollBox>,
};

/** The model card. Its texts come from a file of a user: neither HTML nor addresses of it count. */
export function CardMarkdown({ text }: { text: string }) {
  return (
    <div lang="en">
      <Markdown
        remarkPlugins={[remarkGfm]}
        components={COMPONENTS}
        disallowedElements={["a", "img", "input"]}
        unwrapDisallowed
        skipHtml
      >
        {text}
      </Markdown>
    </div>
  );
}
