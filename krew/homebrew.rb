# The template of the Homebrew formula: krew/formula.py fills in what stands in {{ }}.
class KubectlHosts < Formula
  desc "Explain a pod's hosts file and DNS answers"
  homepage "https://github.com/{{ .Repository }}"
  version "{{ .Version }}"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "https://github.com/{{ .Repository }}/releases/download/{{ .TagName }}/kubectl-hosts_{{ .TagName }}_darwin_arm64.tar.gz"
      sha256 "{{ sha256 darwin_arm64 }}"
    end
    on_intel do
      url "https://github.com/{{ .Repository }}/releases/download/{{ .TagName }}/kubectl-hosts_{{ .TagName }}_darwin_amd64.tar.gz"
      sha256 "{{ sha256 darwin_amd64 }}"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/{{ .Repository }}/releases/download/{{ .TagName }}/kubectl-hosts_{{ .TagName }}_linux_arm64.tar.gz"
      sha256 "{{ sha256 linux_arm64 }}"
    end
    on_intel do
      url "https://github.com/{{ .Repository }}/releases/download/{{ .TagName }}/kubectl-hosts_{{ .TagName }}_linux_amd64.tar.gz"
      sha256 "{{ sha256 linux_amd64 }}"
    end
  end

  def install
    libexec.install Dir["*"]
    bin.install_symlink libexec/"kubectl-hosts"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/kubectl-hosts version --client")
  end
end
