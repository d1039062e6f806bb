#!/bin/bash
# Makes a stand-in for the Lambda base image where no image registry can be reached: this machine's
# Python 3.13, the libraries it is linked against, pip and the Lambda runtime client, imported under the
# tag that functions/train/Dockerfile names. For building and testing only; deployments use the real one.
set -euo pipefail

version=3.13
tag=public.ecr.aws/lambda/python:$version
python=$(command -v "python$version") || { echo "needs python$version on PATH" >&2; exit 1; }
prefix=$("$python" -c 'import sys; print(sys.base_prefix)')
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

mkdir -p "$root"/{bin,lib64,usr/bin,usr/lib/ssl,etc/ssl/certs,tmp,opt,var/{lang/bin,lang/lib,runtime,task},root,dev,proc,sys}
chmod 1777 "$root/tmp"

# Python, without what no function needs; bytecode is made anew where it is used.
cp -aL "$prefix/bin/python$version" "$root/var/lang/bin/"
ln -s "python$version" "$root/var/lang/bin/python3"
ln -s "python$version" "$root/var/lang/bin/python"
cp -a "$prefix/lib/python$version" "$root/var/lang/lib/"
cp -a "$prefix"/lib/libpython3*.so* "$root/var/lang/lib/" 2>/dev/null || true
library=$root/var/lang/lib/python$version
rm -rf "$library"/{test,idlelib,turtledemo,tkinter,ensurepip} "$library"/config-* "$library"/lib-dynload/_tkinter* "$library"/site-packages/*
find "$library" -name __pycache__ -prune -exec rm -rf {} +

# A shell and what SAM CLI and a look inside call.
for tool in dash cat chmod chown cp env ls mkdir mv rm; do cp -L "$(command -v $tool)" "$root/bin/"; done
ln -s dash "$root/bin/sh"
ln -s /bin/env "$root/usr/bin/env"

# Every shared library that those are linked against, and what compiled wheels expect of the base image.
{
    find "$root/bin" "$root/var/lang" -type f \( -perm -u+x -o -name '*.so*' \) -exec ldd {} + 2>/dev/null || true
    ldconfig -p | grep -E '\b(libgcc_s\.so\.1|libstdc\+\+\.so\.6|libgomp\.so\.1|libpthread\.so\.0|libdl\.so\.2|librt\.so\.1|libutil\.so\.1|libresolv\.so\.2|libnss_(dns|files)\.so\.2) .*x86-64'
} | grep -oE '/(usr/)?lib[^ ]+' | sort -u | while read -r file; do
    [ -e "$file" ] && install -D "$file" "$root$file"
done

cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
ln -s /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"
ln -s /etc/ssl/certs "$root/usr/lib/ssl/certs"
printf 'root:x:0:0::/root:/bin/sh\nsbx_user1051:x:993:990::/tmp:/bin/sh\n' > "$root/etc/passwd"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"

"$python" -m pip install --quiet --root-user-action ignore --no-warn-script-location --target "$library/site-packages" pip
"$python" -m pip install --quiet --root-user-action ignore --no-warn-script-location --target "$root/var/runtime" awslambdaric boto3
printf '#!/var/lang/bin/python%s\nfrom pip._internal.cli.main import main\nraise SystemExit(main())\n' $version > "$root/var/lang/bin/pip"
cat > "$root/var/runtime/bootstrap" <<BOOTSTRAP
#!/bin/sh
export AWS_EXECUTION_ENV=AWS_Lambda_python$version
export PYTHONPATH=/var/task:/opt/python/lib/python$version/site-packages:/opt/python:/var/runtime
exec /var/lang/bin/python$version -m awslambdaric "\$_HANDLER"
BOOTSTRAP
cat > "$root/lambda-entrypoint.sh" <<'ENTRYPOINT'
#!/bin/sh
export _HANDLER="$1"
exec /var/runtime/bootstrap
ENTRYPOINT
chmod 755 "$root/var/lang/bin/pip" "$root/var/runtime/bootstrap" "$root/lambda-entrypoint.sh"

tar -C "$root" -c . | docker import --platform linux/amd64 \
    -c 'ENV PATH=/var/lang/bin:/usr/local/bin:/usr/bin:/bin LD_LIBRARY_PATH=/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib' \
    -c 'ENV LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime LANG=en_US.UTF-8 TZ=:/etc/localtime PIP_CERT=/etc/ssl/certs/ca-certificates.crt' \
    -c 'LABEL csv-analyzer=stand-in' -c 'WORKDIR /var/task' -c 'ENTRYPOINT ["/lambda-entrypoint.sh"]' - "$tag" > /dev/null
docker tag "$tag" "$tag-x86_64"
docker image inspect --format "$tag: a stand-in of {{.Size}} bytes" "$tag"
