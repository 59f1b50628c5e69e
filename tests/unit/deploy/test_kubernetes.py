"""The manifests of deploy/kubernetes, built as kustomize builds them."""

from __future__ import annotations

import re
import shutil
import subprocess

import kubernetes_validate
import pytest
import yaml
from tests.composed.composition import ROOT, SECRETS, image_environment
from tests.unit.deploy.kustomization import build, containers

from pynomaly_server.secret_files import VARIABLES
from pynomaly_server.settings import Settings, environment_variable

KUBERNETES = ROOT / "deploy" / "kubernetes"
VERSION = "1.34"


@pytest.fixture(scope="module", params=["dev", "production"])
def overlay(request, tmp_path_factory):
    """The folder of an overlay, with the secrets that one is told to make first."""
    copied = tmp_path_factory.mktemp("deploy") / "deploy"
    shutil.copytree(ROOT / "deploy", copied, ignore=shutil.ignore_patterns("secrets"))
    folder = copied / "kubernetes" / "overlays" / request.param
    if request.param == "dev":
        subprocess.run(["sh", copied / "secrets.sh", folder / "secrets"], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def resources(overlay):
    return build(overlay)


def of_kind(resources, kind):
    return {resource["metadata"]["name"]: resource for resource in resources if resource["kind"] == kind}


def workloads(resources):
    return [resource for resource in resources if containers(resource)]


def pod(resource):
    return resource["spec"]["template"]["spec"]


def test_each_resource_is_one_that_kubernetes_takes(resources):
    for resource in resources:
        kubernetes_validate.validate(resource, VERSION, strict=True)


def kustomize():
    """The words before the folder that is to be built; None where nothing here can."""
    if alone := shutil.which("kustomize"):
        return [alone, "build"]
    kubectl = shutil.which("kubectl")
    said = (
        kubectl
        and subprocess.run(
            [kubectl, "version", "--client"], capture_output=True, text=True, check=False
        ).stdout
    )
    return [kubectl, "kustomize"] if said and "Kustomize Version: v5" in said else None


def test_kustomize_builds_what_the_tests_look_at(overlay, resources):
    words = kustomize()
    if words is None:
        pytest.skip("there is neither kustomize nor a kubectl with version 5 of it on PATH")
    told = subprocess.run([*words, overlay], capture_output=True, text=True, check=True).stdout
    built = list(yaml.safe_load_all(told))
    hashed = re.compile(r"-[a-z0-9]{10}$")

    def plain(resource):
        generated = resource["kind"] in {"ConfigMap", "Secret"}
        name = hashed.sub("", resource["metadata"]["name"]) if generated else resource["metadata"]["name"]
        return resource["kind"], name, resource["metadata"].get("namespace")

    assert sorted(map(plain, built), key=str) == sorted(map(plain, resources), key=str)
    specs = {plain(each): each["spec"] for each in built if "spec" in each}
    for resource in resources:
        if "spec" in resource and not containers(resource):
            assert specs[plain(resource)] == resource["spec"], plain(resource)
    [settings] = [each for each in built if plain(each)[:2] == ("ConfigMap", "settings")]
    assert settings["data"] == of_kind(resources, "ConfigMap")["settings"]["data"]


def test_whatever_a_resource_names_is_there(resources):
    maps, secrets = of_kind(resources, "ConfigMap"), of_kind(resources, "Secret")
    deployments = of_kind(resources, "Deployment")
    for resource in workloads(resources):
        for volume in pod(resource)["volumes"]:
            if "configMap" in volume:
                assert volume["configMap"]["name"] in maps
            if "secret" in volume and secrets:
                assert volume["secret"]["secretName"] in secrets
        mounted = {volume["name"] for volume in pod(resource)["volumes"]}
        for container in containers(resource):
            assert {mount["name"] for mount in container["volumeMounts"]} == mounted
            for source in container.get("envFrom", []):
                assert source["configMapRef"]["name"] in maps
    for autoscaler in of_kind(resources, "HorizontalPodAutoscaler").values():
        assert autoscaler["spec"]["scaleTargetRef"]["name"] in deployments
        assert "replicas" not in deployments[autoscaler["spec"]["scaleTargetRef"]["name"]]["spec"]
    for budget in of_kind(resources, "PodDisruptionBudget").values():
        assert budget["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"] in deployments
    for service in of_kind(resources, "Service").values():
        name = service["spec"]["selector"]["app.kubernetes.io/name"]
        named = {port.get("name") for each in containers(deployments[name]) for port in each["ports"]}
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in named or isinstance(port["targetPort"], int)


def test_selectors_meet_the_pods_that_they_are_for(resources):
    for deployment in of_kind(resources, "Deployment").values():
        wanted = deployment["spec"]["selector"]["matchLabels"]
        assert wanted.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()


def test_pods_of_ours_are_those_that_the_restricted_standard_lets_in(resources):
    ours = [each for each in workloads(resources) if pod(each).get("serviceAccountName") == "pynomaly"]
    assert {each["metadata"]["name"] for each in ours} == {"api", "worker", "sweeper", "migrate", "nginx"}
    for resource in ours:
        assert pod(resource)["securityContext"]["runAsNonRoot"] is True
        assert pod(resource)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod(resource)["automountServiceAccountToken"] is False
        # A service named `pynomaly` would otherwise set PYNOMALY_PORT to an address.
        assert pod(resource)["enableServiceLinks"] is False
        for container in containers(resource):
            context = container["securityContext"]
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert (context["readOnlyRootFilesystem"], context["allowPrivilegeEscalation"]) == (True, False)
            assert "memory" in container["resources"]["limits"]


def test_settings_are_ours_and_name_secrets_by_the_files_that_are_mounted(resources):
    data = of_kind(resources, "ConfigMap")["settings"]["data"]
    known = {environment_variable(field) for field in Settings.model_fields}
    known |= {f"{name}_FILE" for name in VARIABLES} | {
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    }
    assert set(data) <= known
    assert not set(data) & (set(VARIABLES) - {"AWS_ACCESS_KEY_ID"})
    files = [value for name, value in data.items() if name.endswith("_FILE")]
    assert all(file.startswith(f"{SECRETS}/pynomaly/") for file in files)
    kept = of_kind(resources, "Secret").get("pynomaly")
    if kept:
        assert {file.rsplit("/", 1)[1] for file in files} == set(kept["stringData"])


def test_no_secret_is_in_the_production_overlay():
    said = "\n".join(file.read_text() for file in (KUBERNETES / "overlays" / "production").iterdir())
    assert "secretGenerator" not in said
    assert not re.search(r"^kind: Secret$", said, re.MULTILINE)


def test_kernels_lie_where_the_image_looks_for_them(resources):
    folder = image_environment()["NUMBA_CACHE_DIR"].rsplit("/", 1)[0]
    for resource in workloads(resources):
        for container in containers(resource):
            if container["image"].split(":")[0].endswith("pynomaly"):
                assert folder in {mount["mountPath"] for mount in container["volumeMounts"]}


def test_nginx_asks_for_the_service_that_there_is(resources):
    [service] = [
        each for each in of_kind(resources, "Service").values() if each["spec"].get("clusterIP") == "None"
    ]
    name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
    upstream = of_kind(resources, "ConfigMap")["nginx"]["data"]["upstream.conf"]
    assert f"server {name}.{namespace}.svc.cluster.local:8000 resolve " in upstream


def test_the_workers_follow_the_queue_and_the_processors(overlay, resources):
    metrics = of_kind(resources, "HorizontalPodAutoscaler")["worker"]["spec"]["metrics"]
    kinds = [metric["type"] for metric in metrics]
    assert kinds == (["Resource"] if overlay.name == "dev" else ["External", "Resource"])


def test_nobody_reaches_the_api_but_nginx(resources):
    policies = of_kind(resources, "NetworkPolicy")
    everybody = policies["deny-all"]["spec"]
    assert (everybody["podSelector"], everybody["policyTypes"]) == ({}, ["Ingress", "Egress"])
    [rule] = policies["api"]["spec"]["ingress"]
    assert rule["from"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "nginx"}}}]
