/** Place of the model's requests and their latency. It stays empty until the API answers
 * `GET /models/{name}/usage`: nothing else tells them. */
export function Usage(_: { name: string }) {
  return null;
}
