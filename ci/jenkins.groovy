// Written by `ingot ci init jenkins`, and yours to change: Jenkinsfile. docs/ci.md tells what each part is for.
//
// An agent whose machine has /dev/kvm builds about six times faster: name its label. It needs the Debian packages
// @PACKAGES@
// and Node 24. Secrets of the recipe ({env: NAME}) are credentials: NAME = credentials('id') under `environment`.
pipeline {
  agent { label 'kvm' }
  options {
    disableConcurrentBuilds()
    timeout(time: 90, unit: 'MINUTES')
  }
  environment {
    RECIPE = '@RECIPE@'
    // What `npm install` takes: a version from your registry, or the URL of a package that `npm pack` made.
    // Nothing is taken by itself: what has this name on npmjs.com need not be Ingot, and runs where the signing key is.
    INGOT_PACKAGE = ''
    PATH = "${env.WORKSPACE}/.ingot/node_modules/.bin:${env.PATH}"
    // Who signs what is stated of an image: env:NAME of a secret with the key, or command:COMMAND; and the file of the public
    // key, which `verify` then asks for. Nobody where they are empty (`ingot keygen` makes a pair).
    SIGN = ''
    PUBLIC_KEY = ''
    // Where results of stages are kept: an unchanged recipe builds nothing again.
    STORE = "${env.HOME}/ingot-store"
  }
  stages {
    stage('Set up') {
      steps {
        // Nothing of an earlier build is judged or published.
        sh 'rm -rf out policy-*.xml tests.xml run.html evidence.tgz events.ndjson lint.sarif'
        sh 'test -n "$INGOT_PACKAGE" || { echo "INGOT_PACKAGE is empty, set it to what npm shall install, a version from your registry or the URL of a package that npm pack made" >&2; exit 1; }'
        sh 'npm install --prefix .ingot "$INGOT_PACKAGE"'
        sh 'ingot doctor --store "$STORE"'
      }
    }
    stage('Check') {
      steps {
        sh 'ingot validate "$RECIPE"'
        sh 'ingot lint "$RECIPE" --format sarif > lint.sarif'
      }
    }
    stage('Build') {
      steps {
        sh 'ingot build "$RECIPE" --store "$STORE" --json --on-failure destroy ${SIGN:+--sign "$SIGN"} > events.ndjson'
      }
    }
    stage('Judge') {
      steps {
        sh 'for folder in out/*/; do ingot verify "$folder" --store "$STORE" ${PUBLIC_KEY:+--key "$PUBLIC_KEY"}; done'
        sh '''
          for folder in out/*/; do
            images=$(node -e 'for (const { file } of JSON.parse(fs.readFileSync(process.argv[1])).images) console.log(file)' "$folder/manifest.json")
            for image in $images; do ingot check "$folder/$image" --policy baseline --format junit > "policy-$image.xml"; done
          done
        '''
        // Not before: the files of the image are held against the packages that are there.
        sh 'ingot store prune --store "$STORE" --max-size 20G'
      }
    }
    stage('Publish') {
      when { buildingTag() }
      steps {
        archiveArtifacts artifacts: 'out/**', fingerprint: true
      }
    }
  }
  post {
    failure {
      sh 'ingot show --store "$STORE" --html -o run.html; ingot evidence --store "$STORE" -o evidence.tgz'
      // Tests that fail leave no folder in out.
      sh 'run=$(ls -d "$STORE"/runs/*/ | tail -n 1); cp "${run}tests.xml" . || true'
    }
    always {
      junit testResults: 'policy-*.xml, out/*/tests.xml, tests.xml', allowEmptyResults: true
      archiveArtifacts artifacts: 'events.ndjson, lint.sarif, run.html, evidence.tgz', allowEmptyArchive: true
    }
  }
}
