"""Erasure on the whole local stack: gone at once for everybody, then deleted by the schedule."""

import pytest

from infra.local.stack import LocalStack
from tests.e2e.service import User, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

CSV = b"rooms,age,price\n" + b"".join(
    b"%d,%d,%d\n" % (i % 7, i % 31, 1000 * (i % 7) + 10 * (i % 31)) for i in range(120)
)
ODD = ("%2e%2e", "..%2f..", "%2f", "%20", "%00", "x" * 1500, "DATASET%23")


def _versions(stack: LocalStack, name: str) -> list[str]:
    listed = stack.client("s3").list_object_versions(Bucket=stack.outputs["DataBucketName"])
    kept = [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
    return [item["Key"] for item in kept if name in item["Key"]]


@pytest.mark.long
def test_a_dataset_and_its_model_are_erased(stack: LocalStack) -> None:
    owner = User(stack, "eraser@example.com", groups=("admin",))
    dataset = owner.dataset(owner.upload(CSV, "erased.csv"))
    assert owner.job(owner.train(dataset["id"], "price"))["status"] == "SUCCEEDED"
    row = {"rooms": 3, "age": 10}
    assert owner.predict("erased", row).status_code == 200

    stranger = User(stack, "stranger@example.com", groups=("admin",))
    for path in (f"/datasets/{dataset['id']}", "/models/erased"):
        assert stranger.http.delete(path).status_code == 404
        assert owner.get(path)

    answer = owner.http.delete(f"/datasets/{dataset['id']}")
    assert answer.status_code == 200, answer.text
    receipt = answer.json()
    assert (receipt["status"], receipt["versions"], receipt["mlflow"]) == ("PENDING", 1, "pending")
    assert owner.predict("erased", row).status_code in {200, 404}  # predict looks once a second
    for path in (f"/datasets/{dataset['id']}", "/models/erased"):
        assert owner.http.get(path).status_code == 404
        assert owner.http.delete(path).status_code == 404
    assert stranger.http.get(f"/erasures/{receipt['id']}").status_code == 404

    stack.run_schedule("EraseFunction")
    assert not _versions(stack, owner.sub)
    receipt = owner.get(f"/erasures/{receipt['id']}")
    assert receipt["objects"] > 0
    assert receipt["status"] == "PENDING"  # until nothing that had begun can write any more
    wait(lambda: {"status": owner.predict("erased", row).status_code}, 404)
    for user in (owner, stranger):
        user.http.close()


def test_odd_ids_lead_nowhere(user: User) -> None:
    for odd in ODD:
        for path in ("/datasets/{}", "/datasets/{}/profile", "/jobs/{}", "/models/{}", "/models/a/batch/{}"):
            answer = user.http.get(path.format(odd))
            assert answer.status_code in {400, 404, 422}, (path, odd, answer.text)
            assert answer.json()["status"] == answer.status_code
